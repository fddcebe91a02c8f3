using ShitOps.Bench;

return await BenchCommand.Create().Parse(args).InvokeAsync();
