using ImageUpdater.Host.Commands;
using ImageUpdater.Http;

SystemProxy.Use();
return await CommandLine.RunAsync(args, Invocation.OfThisProcess());
