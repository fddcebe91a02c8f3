using System.CommandLine;
using System.CommandLine.Invocation;
using ShitOps.Cli;
using ShitOps.Cli.Commands;

var session = new Session(Environment.GetEnvironmentVariable, TimeProvider.System);
var root = new RootCommand("Speaks to ShitOps.Orleans: messages, asks, tasks, and its operation.")
{
    SendCommand.Make(session),
    InboxCommand.Make(session),
    AskCommand.Make(session),
    AskCommand.MakeReply(session),
    TasksCommand.Make(session),
    TraceCommand.Make(session),
    TreeCommand.Make(session),
    QuarantineCommand.Make(session),
    DeadLettersCommand.Make(session),
    WebhooksCommand.Make(session),
    DoctorCommand.Make(session),
    CompletionCommand.Make(),
};
session.Connection.AddTo(root);

ParseResult parsed = root.Parse(args);
int code = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(5) });
return parsed.Action is ParseErrorAction ? ExitCodes.Usage : code;
