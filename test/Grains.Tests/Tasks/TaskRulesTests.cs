namespace ShitOps.Grains.Tests.Tasks;

public sealed class TaskRulesTests
{
    private static readonly TaskRoles[] Roles = [TaskRoles.Creator, TaskRoles.Assignee, TaskRoles.Operator];

    /// <summary>The rows of the table in docs/tasks.md that begins with "action".</summary>
    private static string[][] Table()
    {
        string[][] rows = [.. File.ReadLines(Path.Combine(Root(), "docs", "tasks.md"))
            .SkipWhile(line => !line.StartsWith("| action ", StringComparison.Ordinal)).TakeWhile(line => line.StartsWith('|'))
            .Select(line => line.Trim('|', ' ').Split('|', StringSplitOptions.TrimEntries))];
        return [rows[0], .. rows[2..]];
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "ShitOps.Orleans.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no solution above {AppContext.BaseDirectory}");
    }

    [Fact]
    public void The_table_in_the_documentation_is_the_one_of_the_code()
    {
        string[][] table = Table();
        string[] heads = ["action", "who", .. Enum.GetValues<TaskState>().Select(s => s.ToApi())];
        string[][] code = [.. Enum.GetValues<TaskAction>().Select(action => (string[])
        [
            Word(action),
            string.Join(", ", Roles.Where(role => TaskRules.Whose(action).HasFlag(role)).Select(Word)),
            .. Enum.GetValues<TaskState>().Select(state => TaskRules.Next(action, state)?.ToApi() ?? "–"),
        ])];
        Assert.Equal([heads, .. code], table);
    }

    [Fact]
    public void Every_decision_follows_from_the_table()
    {
        foreach (TaskAction action in Enum.GetValues<TaskAction>())
        {
            foreach (TaskState state in Enum.GetValues<TaskState>())
            {
                for (TaskRoles roles = 0; (int)roles < 8; roles++)
                {
                    TaskActStatus expected = (roles & TaskRules.Whose(action)) == 0 ? TaskActStatus.NotAllowed
                        : TaskRules.Next(action, state) is null ? TaskActStatus.WrongState : TaskActStatus.Done;
                    TaskDecision decision = TaskRules.Decide(action, state, roles);
                    Assert.Equal(expected, decision.Status);
                    Assert.Equal(expected == TaskActStatus.Done ? TaskRules.Next(action, state)!.Value : state, decision.Next);
                }
            }
        }
    }

    [Fact]
    public void Nothing_leads_out_of_an_ended_task() => Assert.All(Enum.GetValues<TaskState>().Where(s => !s.IsOpen()), state =>
        Assert.All(Enum.GetValues<TaskAction>(), action => Assert.Null(TaskRules.Next(action, state))));

    [Fact]
    public void A_team_may_be_creator_and_assignee_at_once_and_an_operator_is_no_team()
    {
        Assert.Equal(TaskRoles.Creator | TaskRoles.Assignee, TaskRules.RolesOf("a", "a", "a"));
        Assert.Equal(TaskRoles.Creator, TaskRules.RolesOf("a", "a", "b"));
        Assert.Equal(TaskRoles.Assignee, TaskRules.RolesOf("b", "a", "b"));
        Assert.Equal(TaskRoles.None, TaskRules.RolesOf("c", "a", "b"));
        Assert.Equal(TaskRoles.Operator, TaskRules.RolesOf(null, "a", "b"));
    }

    private static string Word(TaskAction action) => action.ToString().ToLowerInvariant();

    private static string Word(TaskRoles role) => role.ToString().ToLowerInvariant();
}
