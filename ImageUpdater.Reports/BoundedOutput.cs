using System.Text;
using Scriban.Runtime;

namespace ImageUpdater.Reports;

/// <summary>Throws when the output exceeds a number of characters. Scriban's own limit truncates it silently.</summary>
internal sealed class BoundedOutput(int maxCharacters) : IScriptOutput
{
    private readonly StringBuilder text = new();

    public void Write(string text, int offset, int count)
    {
        if (this.text.Length + count > maxCharacters)
            throw new InvalidOperationException($"the output has more than {Words.Number(maxCharacters)} characters");

        this.text.Append(text, offset, count);
    }

    public ValueTask WriteAsync(string text, int offset, int count, CancellationToken cancellationToken)
    {
        Write(text, offset, count);
        return ValueTask.CompletedTask;
    }

    public override string ToString() => text.ToString();
}
