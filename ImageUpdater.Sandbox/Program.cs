return await ImageUpdater.Sandbox.Commands.CommandLine.RunAsync(args);
