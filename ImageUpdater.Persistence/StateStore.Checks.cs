using System.Data.Common;
using ImageUpdater.Core.Images;
using ImageUpdater.Core.Observing;
using ImageUpdater.Persistence.Model;
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
                var observations = await TakeAsync(context, [.. checks.Where(check => !same.ContainsKey(check.Image))], rows, cancellationToken);
                foreach (var (image, at) in next.Where(entry => !same.ContainsKey(entry.Key)))
                {
                    if (rows.TryGetValue(image, out var row) || (row = await RowAsync(context, image, cancellationToken)) is not null)
                        row.NextCheck = at;
                }

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

    private static async Task<List<Observation>> TakeAsync(
        StateContext context, List<ImageCheck> checks, Dictionary<ImageReference, ImageRow> rows, CancellationToken cancellationToken)
    {
        var observations = new List<Observation>();
        if (checks.Count == 0)
            return observations;

        var wanted = checks.Select(check => check.Image).ToHashSet();
        var repositories = wanted.Select(image => image.Repository).Distinct().ToArray();
        await foreach (var row in context.Images.Where(row => EF.Parameter(repositories).Contains(row.Repository)).AsAsyncEnumerable().WithCancellation(cancellationToken))
        {
            if (row.Reference is var reference && wanted.Contains(reference))
                rows.Add(reference, row);
        }

        foreach (var check in checks)
        {
            if (!rows.TryGetValue(check.Image, out var row))
            {
                row = new ImageRow { Registry = check.Image.Registry, Repository = check.Image.Repository, Tag = check.Image.Tag! };
                context.Images.Add(row);
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

    private void Touch(StateContext context, Dictionary<ImageReference, ImageState> states)
    {
        if (states.Count == 0)
            return;

        using var command = connections.Writer.CreateCommand();
        command.Transaction = (SqliteTransaction?)context.Database.CurrentTransaction?.GetDbTransaction();
        command.CommandText =
            "UPDATE images SET last_checked = $checked, next_check = $next WHERE registry = $registry AND repository = $repository AND tag = $tag";
        DbParameter lastChecked = command.Parameters.Add("$checked", SqliteType.Integer);
        DbParameter nextCheck = command.Parameters.Add("$next", SqliteType.Integer);
        DbParameter registry = command.Parameters.Add("$registry", SqliteType.Text);
        DbParameter repository = command.Parameters.Add("$repository", SqliteType.Text);
        DbParameter tag = command.Parameters.Add("$tag", SqliteType.Text);
        foreach (var state in states.Values)
        {
            lastChecked.Value = (object?)state.LastChecked?.UtcTicks ?? DBNull.Value;
            nextCheck.Value = (object?)state.NextCheck?.UtcTicks ?? DBNull.Value;
            (registry.Value, repository.Value, tag.Value) = (state.Image.Registry, state.Image.Repository, state.Image.Tag);
            command.ExecuteNonQuery();
        }
    }

    private static Dictionary<ImageReference, ImageState> Merged(IReadOnlyDictionary<ImageReference, ImageState> before, IEnumerable<ImageState> changed)
    {
        var merged = new Dictionary<ImageReference, ImageState>(before);
        foreach (var state in changed)
            merged[state.Image] = state;
        return merged;
    }
}
