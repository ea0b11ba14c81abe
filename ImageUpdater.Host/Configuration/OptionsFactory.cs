using Microsoft.Extensions.Options;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// Creates the options for .NET's options framework. Its own binder stops at the first invalid value and ignores unknown names; this one
/// reports all problems, with the key that the user set.
/// </summary>
internal sealed class OptionsFactory(IConfiguration settings, IReadOnlyDictionary<string, string> environment) : IOptionsFactory<ImageUpdaterOptions>
{
    /// <exception cref="OptionsValidationException">With all problems.</exception>
    public ImageUpdaterOptions Create(string name) => OptionsReader.Read(settings, OptionsReader.Contradictions(environment)).IsSuccess(out var options, out var problems)
        ? options
        : throw new OptionsValidationException(name, typeof(ImageUpdaterOptions), problems);
}
