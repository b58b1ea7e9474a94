using PaymentSim.Api.Cli;

return await CommandLine.RunAsync(args);
