using System.Text;
using ImageUpdater.Core;
using ImageUpdater.Http;

namespace ImageUpdater.Kubernetes.Kubeconfig;

/// <summary>Reads PEM text that a kubeconfig entry contains in base64 or names as a file. As in kubectl, the data takes precedence.</summary>
internal static class EntryContent
{
    /// <param name="field">The field's name in the kubeconfig, without <c>-data</c>.</param>
    /// <param name="owner">For example <c>user 'admin'</c>.</param>
    /// <returns>Null if the entry has neither.</returns>
    public static Result<PemText, string>? Read(string? data, string? path, string field, string owner)
    {
        if (!string.IsNullOrEmpty(data))
            return Decode(data, field, owner);
        if (string.IsNullOrEmpty(path))
            return null;

        return LocalFile.ReadText(path).IsSuccess(out var text, out var failure)
            ? new PemText(text)
            : $"the {field} file of {owner} can't be used: {failure.Message}";
    }

    private static Result<PemText, string> Decode(string data, string field, string owner)
    {
        try
        {
            return new PemText(Encoding.UTF8.GetString(Convert.FromBase64String(data)));
        }
        catch (FormatException)
        {
            return $"the {field}-data of {owner} is not base64";
        }
    }
}

/// <summary>Not a record, whose generated ToString would include the text: it may be a private key.</summary>
internal sealed class PemText(string text)
{
    public string Text { get; } = text;
}
