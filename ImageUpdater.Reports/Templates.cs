using HandlebarsDotNet;
using HandlebarsDotNet.Compiler;
using ImageUpdater.Core;

namespace ImageUpdater.Reports;

/// <summary>Handlebars, set up for reports.</summary>
internal static class Templates
{
    public static HandlebarsTemplate<object, object> Compile(string text, TemplateEncoding encoding)
    {
        var configuration = new HandlebarsConfiguration
        {
            ExpressionNameResolver = new HandlebarsDotNet.Compiler.Resolvers.UpperCamelCaseExpressionNameResolver(),
            ThrowOnUnresolvedBindingExpression = true,
        };
        if (encoding == TemplateEncoding.Markdown)
            configuration.TextEncoder = new MarkdownEncoder();

        var handlebars = Handlebars.Create(configuration);
        TemplateHelpers.Register(handlebars, encoding == TemplateEncoding.Markdown);
        return handlebars.Compile(text);
    }

    public static Result<RenderedReport, string> Run(string text, AuditReport report, TemplateEncoding encoding)
    {
        if (TemplateNesting.TooDeepAt(text) is { } line)
            return $"the template can't be used: it nests deeper than {TemplateNesting.MaxDepth} blocks (line {line})";

        try
        {
            return new RenderedReport(Compile(text, encoding)(report));
        }
        catch (Exception exception) when (IsAboutTemplate(exception))
        {
            return TemplateFailure.Sentence(exception, text);
        }
    }

    public static string ReadBuiltIn(string name)
    {
        using var stream = typeof(Templates).Assembly.GetManifestResourceStream($"ImageUpdater.Reports.Templates.{name}")
            ?? throw new InvalidOperationException($"The template {name} is not in the assembly.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    // The engine answers a template that it can't make sense of with whatever exception its code runs into: besides its own these were seen.
    private static bool IsAboutTemplate(Exception exception) => exception is
        HandlebarsException or HandlebarsUndefinedBindingException or ArgumentException or InvalidOperationException or NullReferenceException
        or FormatException or IndexOutOfRangeException or InvalidCastException or NotSupportedException or KeyNotFoundException or OverflowException;
}
