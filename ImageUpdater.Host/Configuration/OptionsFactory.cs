using Microsoft.Extensions.Options;

namespace ImageUpdater.Host.Configuration;

/// <summary>
/// Where the platform gets the options from. Not its own binder, which stops at the first value that it can't read and passes over names
/// that it does not know: here all problems are told, in the words of the key that the user set.
/// </summary>
internal sealed class OptionsFactory(IConfiguration settings, IReadOnlyDictionary<string, string> environment) : IOptionsFactory<ImageUpdaterOptions>
{
    /// <exception cref="OptionsValidationException">With all problems.</exception>
    public ImageUpdaterOptions Create(string name) => OptionsReader.Read(settings, OptionsReader.Contradictions(environment)).IsSuccess(out var options, out var problems)
        ? options
        : throw new OptionsValidationException(name, typeof(ImageUpdaterOptions), problems);
}
