using ImageUpdater.Host.Commands;

return await CommandLine.RunAsync(args);
