using Spectre.Console;

namespace ImageUpdater.Host.Commands;

/// <summary>A table as kubectl prints it: a header in capitals, columns as wide as their longest cell.</summary>
/// <remarks>Not Spectre's table, which pads the last column too: one long message would add blank lines to every row on a terminal.</remarks>
internal sealed class TextTable(params string[] header)
{
    private readonly List<Cell[]> rows = [];
    private readonly int[] widths = new int[header.Length];
    private bool hasHeader;

    /// <param name="Style">A Spectre style, for example <c>red</c>; null for none.</param>
    public readonly record struct Cell(string Text, string? Style = null)
    {
        public static implicit operator Cell(string text) => new(text);
    }

    public void Add(params Cell[] cells) => rows.Add([.. cells.Select(cell => cell with { Text = Terminal.Plain(cell.Text) })]);

    /// <summary>Prints the rows that were added since the last call, the header before the first ones.</summary>
    public void Print(IAnsiConsole console)
    {
        if (!hasHeader)
            rows.Insert(0, [.. header.Select(name => new Cell(name))]);
        hasHeader = true;
        for (var column = 0; column < widths.Length; column++)
            widths[column] = Math.Max(widths[column], rows.Select(row => row[column].Text.Length).DefaultIfEmpty().Max());
        foreach (var row in rows)
            console.MarkupLine(string.Join("   ", row.Select((cell, column) => Markup(cell, column == row.Length - 1 ? 0 : widths[column]))).TrimEnd());
        rows.Clear();
    }

    private static string Markup(Cell cell, int width)
    {
        var text = Spectre.Console.Markup.Escape(cell.Text);
        var padding = new string(' ', Math.Max(0, width - cell.Text.Length));
        return (cell.Style is null ? text : $"[{cell.Style}]{text}[/]") + padding;
    }
}
