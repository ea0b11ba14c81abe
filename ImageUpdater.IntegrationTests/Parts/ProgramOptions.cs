using ImageUpdater.Core;
using ImageUpdater.Host.Configuration;
using Microsoft.Extensions.Options;

namespace ImageUpdater.IntegrationTests.Parts;

/// <summary>Options as the program reads them, from a file, an environment and a call.</summary>
internal static class ProgramOptions
{
    /// <summary>With nothing set.</summary>
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
