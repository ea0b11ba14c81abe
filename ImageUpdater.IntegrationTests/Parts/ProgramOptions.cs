using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using Microsoft.Extensions.Options;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Reads options as the program does: from a file, environment variables and arguments.</summary>
internal static class ProgramOptions
{
    /// <summary>All options at their defaults.</summary>
    public static ImageUpdaterOptions Default => Read(new Dictionary<string, string>()).Value!;

    public static Result<ImageUpdaterOptions, string> Read(IReadOnlyDictionary<string, string> environment, string? state = null, string? folder = null)
    {
        if (!OptionsReader.Load(environment, state, folder).IsSuccess(out var settings, out var problem))
            return problem;

        try
        {
            return new OptionsFactory(settings, environment).Create(Options.DefaultName);
        }
        catch (OptionsValidationException exception)
        {
            return exception.Message;
        }
    }
}
