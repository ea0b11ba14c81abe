using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence.Model;
using ImageUpdater.Persistence.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace ImageUpdater.Persistence;

public sealed partial class StateStore
{
    private async Task<IReadOnlyList<Observation>> WriteChecksAsync(
        List<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next, CancellationToken cancellationToken)
    {
        IReadOnlyDictionary<ImageReference, ImageState>? after = null;
        return await WriteAsync<IReadOnlyList<Observation>>(
            async context =>
            {
                // Most checks find what was there before: for those, two numbers of a row are all that changes.
                var known = rememberedImages.Newest;
                var same = known is null ? [] : Same(known, checks, next);
                var rows = new Dictionary<ImageReference, ImageRow>();
                var fresh = checks.Where(check => !same.ContainsKey(check.Image)).ToList();
                await FindAsync(context, fresh.Select(check => check.Image).Where(image => known is null || known.ContainsKey(image)).ToHashSet(), rows, cancellationToken);
                var observations = Take(fresh, rows);
                foreach (var (image, at) in next.Where(entry => !same.ContainsKey(entry.Key)))
                {
                    if (rows.TryGetValue(image, out var row) || (row = await RowAsync(context, image, cancellationToken)) is not null)
                        row.NextCheck = at;
                }

                Insert(context, rows.Values.Where(row => row.Id == 0));
                Touch(context, same);
                after = known is null ? null : Merged(known, same.Values.Concat(rows.Values.Select(row => row.ToState())));
                return observations;
            },
            cancellationToken,
            committed: () => rememberedImages.Changed(after));
    }

    /// <summary>Images as they are now of which nothing is new but when they were, or will be, checked.</summary>
    private static Dictionary<ImageReference, ImageState> Same(
        IReadOnlyDictionary<ImageReference, ImageState> known, List<ImageCheck> checks, IReadOnlyDictionary<ImageReference, DateTimeOffset> next)
    {
        var same = new Dictionary<ImageReference, ImageState>();
        var news = new HashSet<ImageReference>();
        foreach (var check in checks)
        {
            if (!IsSame(known, check) || !same.TryAdd(check.Image, Planned(known[check.Image] with { LastChecked = check.At })))
                news.Add(check.Image);
        }

        foreach (var image in next.Keys)
        {
            if (!news.Contains(image) && known.GetValueOrDefault(image) is { } state)
                same.TryAdd(image, Planned(state));
        }

        foreach (var image in news)
            same.Remove(image);
        return same;

        ImageState Planned(ImageState state) => next.TryGetValue(state.Image, out var at) ? state with { NextCheck = at } : state;
    }

    private static bool IsSame(IReadOnlyDictionary<ImageReference, ImageState> known, ImageCheck check) =>
        check is ServedCheck served && known.GetValueOrDefault(check.Image) is { Failure: null } state && state.Digest == served.Digest && state.MediaType == served.MediaType;

    private static async Task FindAsync(
        StateContext context, HashSet<ImageReference> images, Dictionary<ImageReference, ImageRow> rows, CancellationToken cancellationToken)
    {
        if (images.Count == 0)
            return;

        var repositories = images.Select(image => image.Repository).Distinct().ToArray();
        await foreach (var row in context.Images.Where(row => EF.Parameter(repositories).Contains(row.Repository)).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Reference is var reference && images.Contains(reference))
                rows.Add(reference, row);
        }
    }

    private static List<Observation> Take(List<ImageCheck> checks, Dictionary<ImageReference, ImageRow> rows)
    {
        var observations = new List<Observation>();
        foreach (var check in checks)
        {
            if (!rows.TryGetValue(check.Image, out var row))
            {
                row = new ImageRow { Registry = check.Image.Registry, Repository = check.Image.Repository, Tag = check.Image.Tag! };
                rows.Add(check.Image, row);
            }

            if (row.Take(check) is { } observation)
            {
                row.Observations.Add(observation);
                observations.Add(new Observation(check.Image, observation.Digest, observation.MediaType, observation.ServedFrom));
            }
        }

        return observations;
    }

    private static Task<ImageRow?> RowAsync(StateContext context, ImageReference image, CancellationToken cancellationToken) => context.Images
        .SingleOrDefaultAsync(row => row.Registry == image.Registry && row.Repository == image.Repository && row.Tag == image.Tag, cancellationToken);

    // By SQL of our own, as what is the same: at a first start every image is new, and EF needs a fifth of a second until it can write.
    private void Insert(StateContext context, IEnumerable<ImageRow> rows)
    {
        using var image = Command(
            context,
            """
            INSERT INTO images
                (registry, repository, tag, digest, media_type, last_checked, last_changed, failure_kind, failure_sentence, retry_at, failures_in_a_row, next_check)
                VALUES ($registry, $repository, $tag, $digest, $media, $checked, $changed, $kind, $sentence, $retry, $failures, $next)
                RETURNING id
            """);
        using var observation = Command(context, "INSERT INTO observations (image_id, digest, media_type, served_from) VALUES ($image, $digest, $media, $from)");
        foreach (var row in rows)
        {
            row.Id = (long)image.With(
                ("$registry", row.Registry), ("$repository", row.Repository), ("$tag", row.Tag), ("$digest", row.Digest?.Value), ("$media", row.MediaType),
                ("$checked", row.LastChecked?.UtcTicks), ("$changed", row.LastChanged?.UtcTicks), ("$kind", row.FailureKind?.ToString()),
                ("$sentence", row.FailureSentence is { } sentence ? ProseConversion.Cut(sentence) : null), ("$retry", row.RetryAt?.UtcTicks),
                ("$failures", row.FailuresInARow), ("$next", row.NextCheck?.UtcTicks)).ExecuteScalar()!;
            foreach (var seen in row.Observations)
            {
                seen.ImageId = row.Id;
                observation.With(("$image", row.Id), ("$digest", seen.Digest.Value), ("$media", seen.MediaType), ("$from", seen.ServedFrom.UtcTicks)).ExecuteNonQuery();
            }
        }
    }

    private void Touch(StateContext context, Dictionary<ImageReference, ImageState> states)
    {
        using var command = Command(
            context, "UPDATE images SET last_checked = $checked, next_check = $next WHERE registry = $registry AND repository = $repository AND tag = $tag");
        foreach (var state in states.Values)
        {
            command.With(
                ("$checked", state.LastChecked?.UtcTicks), ("$next", state.NextCheck?.UtcTicks), ("$registry", state.Image.Registry),
                ("$repository", state.Image.Repository), ("$tag", state.Image.Tag)).ExecuteNonQuery();
        }
    }

    private SqliteCommand Command(StateContext context, string sql)
    {
        var command = connections.Writer.Command(sql);
        command.Transaction = (SqliteTransaction?)context.Database.CurrentTransaction?.GetDbTransaction();
        return command;
    }

    private static Dictionary<ImageReference, ImageState> Merged(IReadOnlyDictionary<ImageReference, ImageState> before, IEnumerable<ImageState> changed)
    {
        var merged = new Dictionary<ImageReference, ImageState>(before);
        foreach (var state in changed)
            merged[state.Image] = state;
        return merged;
    }
}
