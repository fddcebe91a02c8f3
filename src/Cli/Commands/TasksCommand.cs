using System.CommandLine;
using System.Text.Json;
using ShitOps.Client;

namespace ShitOps.Cli.Commands;

/// <summary><c>shitops tasks</c>: the list, and what moves a task on.</summary>
internal static class TasksCommand
{
    private static readonly string[] States = ["blocked", "ready", "started", "done", "failed", "cancelled"];

    public static Command Make(Session session)
    {
        Option<string?>
            team = new("--team") { Description = "Of that team alone", HelpName = "TEAM" },
            state = new("--state") { Description = "In that state" };
        state.AcceptOnlyFromAmong(States);
        var workflow = new Option<Guid?>("--workflow") { Description = "Of that workflow", HelpName = "ID" };
        var overdue = new Option<bool>("--overdue") { Description = "Those that are late" };
        var command = new Command("tasks", "Show tasks, give them, move them on") { team, state, workflow, overdue };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            var filter = new TaskFilter(parsed.GetValue(team), parsed.GetValue(state), parsed.GetValue(workflow), parsed.GetValue(overdue));
            await output.ListAsync(
                client.GetTasksAsync(filter, stop), CliJson.Default.TaskInfo, ["id", "state", "assignee", "due", "title"],
                task => [task.Id.ToString(), task.Overdue ? task.State + " (overdue)" : task.State, task.Assignee, Output.Time(task.DueAt), task.Title], stop);
            return ExitCodes.Done;
        });
        command.Subcommands.Add(Create(session));
        command.Subcommands.Add(Step(session, "start", "Begin a task", null, (client, id, _, stop) => client.StartTaskAsync(id, stop)));
        command.Subcommands.Add(Step(session, "complete", "A task is done", "--result", (client, id, result, stop) =>
            client.CompleteTaskAsync(id, result is null ? null : BodyOptions.Json("--result", result), stop)));
        command.Subcommands.Add(Step(session, "fail", "A task cannot be done", "--reason", (client, id, reason, stop) => client.FailTaskAsync(id, reason, stop: stop)));
        command.Subcommands.Add(Step(session, "cancel", "A task is not to be done any more", "--reason", (client, id, reason, stop) => client.CancelTaskAsync(id, reason, stop)));
        command.Subcommands.Add(Step(session, "reassign", "Another team is to do it", "--to", (client, id, assignee, stop) => client.ReassignTaskAsync(id, assignee!, stop), required: true));
        return command;
    }

    private static Command Create(Session session)
    {
        Argument<string> assignee = new("assignee") { Description = "The team that is to do it" }, title = new("title") { Description = "What is to be done" };
        var body = new Option<string?>("--body", "-b") { Description = "More about it, as JSON", HelpName = "JSON" };
        var due = new Option<string?>("--due") { Description = "A time, or a span from now", HelpName = "TIME" };
        var after = new Option<Guid[]>("--after") { Description = "A task that must be done before; may be given again", HelpName = "ID" };
        var command = new Command("create", "Give a team a task") { assignee, title, body, due, after };
        session.Does(command, async (parsed, client, output, stop) =>
        {
            string[] before = [.. (parsed.GetValue(after) ?? []).Select(id => id.ToString())];
            JsonElement? more = parsed.GetValue(body) is { } json ? BodyOptions.Json("--body", json) : null;
            TaskInfo task = await client.CreateTaskAsync(new(parsed.GetValue(title)!, parsed.GetValue(assignee)!)
            {
                Body = more,
                DependsOn = before.Length == 0 ? null : before,
                DueAt = parsed.GetValue(due) is { } at ? When.At("--due", at, session.Time) : null,
            }, stop: stop);
            Show(output, task);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Step(
        Session session, string name, string description, string? option, Func<ShitOpsClient, Guid, string?, CancellationToken, Task<TaskInfo>> act, bool required = false)
    {
        var id = new Argument<Guid>("task") { Description = "Its id" };
        var command = new Command(name, description) { id };
        Option<string?>? more = option is null ? null : new(option) { Required = required, HelpName = option == "--result" ? "JSON" : option == "--to" ? "TEAM" : "TEXT" };
        if (more is not null)
            command.Options.Add(more);
        session.Does(command, async (parsed, client, output, stop) =>
        {
            Show(output, await act(client, parsed.GetValue(id), more is null ? null : parsed.GetValue(more), stop));
            return ExitCodes.Done;
        });
        return command;
    }

    private static void Show(Output output, TaskInfo task) => output.Write(task, CliJson.Default.TaskInfo, _ => output.Line($"{task.Id} {task.State}"));
}
