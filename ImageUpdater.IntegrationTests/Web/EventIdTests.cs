using System.Reflection;
using ImageUpdater.Host.Logging;
using Microsoft.Extensions.Logging;

namespace ImageUpdater.IntegrationTests.Web;

/// <summary>Event ids of log messages are unique, so that logs can be filtered by them.</summary>
public sealed class EventIdTests
{
    [Fact]
    public void EventIds_OfAllAssemblies_AreUnique()
    {
        var messages = Directory.GetFiles(AppContext.BaseDirectory, "ImageUpdater.*.dll")
            .SelectMany(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)).GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => (Name: $"{method.DeclaringType!.Name}.{method.Name}", method.GetCustomAttribute<LoggerMessageAttribute>()?.EventId))
            .Where(message => message.EventId is not null)
            .ToList();

        Assert.True(messages.Count > 20, $"only {messages.Count} log messages were found");
        Assert.All(messages, message => Assert.True(message.EventId > 0, $"{message.Name} has no number"));
        Assert.Empty(messages.GroupBy(message => message.EventId).Where(same => same.Count() > 1).Select(same => $"{same.Key}: {string.Join(", ", same.Select(message => message.Name))}"));
    }

    /// <summary>The parts of a message are fields of its JSON, beside those that every line has.</summary>
    [Fact]
    public void Parts_OfAllMessages_AreNoFieldsThatEveryLineHas()
    {
        var parts = Directory.GetFiles(AppContext.BaseDirectory, "ImageUpdater.*.dll")
            .SelectMany(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)).GetTypes())
            .SelectMany(type => type.GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(method => method.GetCustomAttribute<LoggerMessageAttribute>() is not null)
            .SelectMany(method => method.GetParameters().Select(parameter => (parameter.Name, Method: $"{method.DeclaringType!.Name}.{method.Name}", parameter.ParameterType)))
            .Where(part => part.ParameterType != typeof(LogLevel) && !part.ParameterType.IsAssignableTo(typeof(Exception)))
            .ToList();

        Assert.True(parts.Count > 50, $"only {parts.Count} parts were found");
        Assert.DoesNotContain(parts, part => JsonLines.Reserved.Contains(part.Name, StringComparer.OrdinalIgnoreCase));
    }
}
