using ImageUpdater.Host;
using ImageUpdater.Host.Commands;

SystemProxy.Use();
return await CommandLine.RunAsync(args, Invocation.OfThisProcess());
