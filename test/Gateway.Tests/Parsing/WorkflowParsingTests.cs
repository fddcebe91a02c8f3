using System.Text;
using ShitOps.Gateway.Problems;
using ShitOps.Gateway.Tasks;
using ShitOps.Grains;

namespace ShitOps.Gateway.Tests.Parsing;

public sealed class WorkflowParsingTests
{
    private static readonly DateTimeOffset Now = new(2026, 12, 1, 8, 0, 0, TimeSpan.Zero);

    private static readonly TreeSnapshot Tree = new("main", 1, [new("a", "QA", 1, 0, Now), new("b", "QA", 1, 0, Now)]);

    private static Problem? Check(string json, bool single = false) => Check(Encoding.UTF8.GetBytes(json), single);

    private static Problem? Check(byte[] json, bool single)
    {
        if (WorkflowFields.Read(json, single, out WorkflowDraft draft, out Faults faults) is { } problem)
            return problem;
        WorkflowRules.Check(draft, WorkflowRules.Keys(draft), Tree, Now, mayRepeat: false, faults);
        return faults.Any ? faults.ToProblem() : null;
    }

    private static Problem? Task(string more) => Check("""{"title":"t","assignee":"a"MORE}""".Replace("MORE", more, StringComparison.Ordinal), single: true);

    private static Problem? Second(string fields) => Check($$"""{"name":"w","tasks":[{"key":"one","title":"t","assignee":"a"},{{{fields}}}]}""");

    private static void IsFault(Problem? problem, string code, string at, int status = 422)
    {
        Assert.Equal((status, code), (problem?.Status, problem?.Code));
        Assert.Equal([at], problem!.Errors.Select(e => e.At!));
    }

    [Theory]
    [InlineData(""","body":{"any":1}""")]
    [InlineData(""","body":null""")]
    [InlineData(""","dependsOn":null""")]
    [InlineData(""","dependsOn":[]""")]
    [InlineData(""","dependsOn":["01980000-0000-7000-8000-000000000001",{"task":"01980000-0000-7000-8000-000000000002","onDependencyFailure":"ignore"}]""")]
    [InlineData(""","onDependencyFailure":"ignore" """)]
    [InlineData(""","dueAt":"2026-12-01T10:00:01+02:00" """)]
    public void A_task_may_have(string more) => Assert.Null(Task(more));

    [Theory]
    [InlineData(""","key":"k" """, "unknown_field", "/key")]
    [InlineData(""","dueAtt":"2027-01-01T00:00:00Z" """, "unknown_field", "/dueAtt")]
    [InlineData(""","body":"\ud800" """, "invalid_text", "/body")]
    [InlineData(""","dependsOn":"x" """, "wrong_type", "/dependsOn")]
    [InlineData(""","dependsOn":[1]""", "wrong_type", "/dependsOn/0")]
    [InlineData(""","dependsOn":[[]]""", "wrong_type", "/dependsOn/0")]
    [InlineData(""","dependsOn":[""]""", "bad_length", "/dependsOn/0")]
    [InlineData(""","dependsOn":["build"]""", "unknown_dependency", "/dependsOn/0")]
    [InlineData(""","dependsOn":["01980000-0000-7000-8000-000000000001","01980000-0000-7000-8000-000000000001"]""", "duplicate_dependency", "/dependsOn/1")]
    [InlineData(""","dependsOn":[{}]""", "required", "/dependsOn/0/task")]
    [InlineData(""","dependsOn":[{"task":3}]""", "wrong_type", "/dependsOn/0/task")]
    [InlineData(""","dependsOn":[{"task":"01980000-0000-7000-8000-000000000001","onDependencyFailure":"panic"}]""", "unknown_value", "/dependsOn/0/onDependencyFailure")]
    [InlineData(""","dependsOn":[{"taks":"01980000-0000-7000-8000-000000000001","task":"01980000-0000-7000-8000-000000000001"}]""", "unknown_field", "/dependsOn/0/taks")]
    [InlineData(""","onDependencyFailure":"panic" """, "unknown_value", "/onDependencyFailure")]
    [InlineData(""","onDependencyFailure":true""", "wrong_type", "/onDependencyFailure")]
    [InlineData(""","dueAt":"2026-12-01T08:00:00Z" """, "in_past", "/dueAt")]
    [InlineData(""","dueAt":"2999-12-01T08:00:00Z" """, "out_of_range", "/dueAt")]
    [InlineData(""","dueAt":"tomorrow" """, "bad_time", "/dueAt")]
    public void A_field_of_a_task_that_makes_no_sense_is_named(string more, string code, string at) => IsFault(Task(more), code, at);

    [Theory]
    [InlineData("""{"assignee":"a"}""", "required", "/title")]
    [InlineData("""{"title":"","assignee":"a"}""", "bad_length", "/title")]
    [InlineData("""{"title":"t\n","assignee":"a"}""", "control_character", "/title")]
    [InlineData("""{"title":"t"}""", "required", "/assignee")]
    [InlineData("""{"title":"t","assignee":"A b"}""", "bad_name", "/assignee")]
    [InlineData("""{"title":"t","assignee":7}""", "wrong_type", "/assignee")]
    [InlineData("""{"title":"t","assignee":"nobody"}""", "unknown_team", "/assignee")]
    public void Title_and_assignee_are_needed(string json, string code, string at) => IsFault(Check(json, single: true), code, at);

    [Theory]
    [InlineData("""{"tasks":[{"key":"k","title":"t","assignee":"a"}]}""", "required", "/name")]
    [InlineData("""{"name":"w"}""", "required", "/tasks")]
    [InlineData("""{"name":"w","tasks":[]}""", "required", "/tasks")]
    [InlineData("""{"name":"w","tasks":{}}""", "wrong_type", "/tasks")]
    [InlineData("""{"name":"w","tasks":[7]}""", "wrong_type", "/tasks/0")]
    [InlineData("""{"name":"w","task":[],"tasks":[{"key":"k","title":"t","assignee":"a"}]}""", "unknown_field", "/task")]
    public void A_workflow_needs_a_name_and_tasks(string json, string code, string at) => IsFault(Check(json), code, at);

    [Theory]
    [InlineData(""" "title":"t","assignee":"a" """, "required", "/tasks/1/key")]
    [InlineData(""" "key":"","title":"t","assignee":"a" """, "bad_length", "/tasks/1/key")]
    [InlineData(""" "key":"one","title":"t","assignee":"a" """, "duplicate_key", "/tasks/1/key")]
    [InlineData(""" "key":"01980000-0000-7000-8000-000000000001","title":"t","assignee":"a" """, "bad_key", "/tasks/1/key")]
    [InlineData(""" "key":"two","assignee":"a" """, "required", "/tasks/1/title")]
    [InlineData(""" "key":"two","title":"t","assignee":"nobody" """, "unknown_team", "/tasks/1/assignee")]
    [InlineData(""" "key":"two","title":"t","assignee":"a","dependsOn":["one","three"] """, "unknown_dependency", "/tasks/1/dependsOn/1")]
    [InlineData(""" "key":"two","title":"t","assignee":"a","dependsOn":["one",{"task":"one"}] """, "duplicate_dependency", "/tasks/1/dependsOn/1")]
    [InlineData(""" "key":"two","title":"t","assignee":"a","dueAt":"2020-01-01T00:00:00Z" """, "in_past", "/tasks/1/dueAt")]
    [InlineData(""" "key":"two","titel":"t","title":"t","assignee":"a" """, "unknown_field", "/tasks/1/titel")]
    public void A_task_of_a_workflow_that_makes_no_sense_is_named_by_its_place(string fields, string code, string at) => IsFault(Second(fields), code, at);

    [Fact]
    public void An_unknown_dependency_is_named() => Assert.Contains("'three'", Second(""" "key":"two","title":"t","assignee":"a","dependsOn":["three"] """)!.Detail, StringComparison.Ordinal);

    [Fact]
    public void Every_fault_of_every_task_is_listed_at_once()
    {
        Problem? problem = Check("""{"nam":"w","tasks":[{"key":"k","title":"","assignee":"nobody"},{"key":"k","title":"t","assignee":"a","dependsOn":["x"],"dueAt":"y"}]}""");
        Assert.Equal((422, "invalid_request"), (problem?.Status, problem?.Code));
        Assert.Equal(
            ["/nam", "/name", "/tasks/0/assignee", "/tasks/0/title", "/tasks/1/dependsOn/0", "/tasks/1/dueAt", "/tasks/1/key"],
            problem!.Errors.Select(e => e.At!).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"name":"w","tasks":[{"key":"k","title":"t","assignee":"a"}}""")]
    [InlineData("""{"name":"w","tasks":[{"key":"k","title":"t","assignee":"a"}""")]
    public void What_is_no_JSON_is_malformed(string json) => Assert.Equal((400, "malformed_json"), (Check(json)?.Status, Check(json)?.Code));

    [Fact]
    public void The_bounds_are_where_the_limits_say()
    {
        string Workflow(int tasks) => $$"""{"name":"w","tasks":[{{string.Join(',', Enumerable.Range(0, tasks).Select(i => $$"""{"key":"k{{i}}","title":"t","assignee":"a"}"""))}}]}""";
        Assert.Null(Check(Workflow(Limits.WorkflowTasks)));
        IsFault(Check(Workflow(Limits.WorkflowTasks + 1)), "too_many", "/tasks");
        string Depending(int on) => $",\"dependsOn\":[{string.Join(',', Enumerable.Range(0, on).Select(i => $"\"01980000-0000-7000-8000-{i:x12}\""))}]";
        Assert.Null(Task(Depending(Limits.TaskDependencies)));
        IsFault(Task(Depending(Limits.TaskDependencies + 1)), "too_many", "/dependsOn");
        Assert.Null(Task($",\"body\":\"{new string('x', Limits.BodyBytes - 2)}\""));
        IsFault(Task($",\"body\":\"{new string('x', Limits.BodyBytes - 1)}\""), "body_too_large", "/body", 413);
    }

    [Fact]
    public void Dependencies_are_bounded_in_all_and_what_follows_is_not_read()
    {
        string Tasks(int each) => $$"""{"name":"w","tasks":[{{string.Join(',', Enumerable.Range(0, 101).Select(i =>
            $$"""{"key":"k{{i}}","title":"t","assignee":"a","dependsOn":[{{string.Join(',', Enumerable.Range(0, i == 100 ? each : 1000).Select(d => $"\"01980000-0000-7000-8000-{d:x12}\""))}}]}"""))}}]}""";
        Assert.Null(Check(Tasks(0)));
        IsFault(Check(Tasks(1)), "too_many", "/tasks");
    }

    [Fact]
    public void Ten_thousand_faults_are_counted_and_a_thousand_listed()
    {
        Problem? problem = Check($$"""{"name":"w","tasks":[{{string.Join(',', Enumerable.Repeat("{}", Limits.WorkflowTasks))}}]}""");
        Assert.Equal(Faults.Listed, problem!.Errors.Count);
        Assert.Contains("30000 faults", problem.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_follow_from_the_key_and_are_new_without_one()
    {
        Guid Id(string? key, string team = "a", bool single = false) => TaskIds.Workflow(key, team, single, Now);
        Assert.Equal(Id("k"), Id("k"));
        Guid[] all = [Id("k"), Id("k2"), Id("k", "b"), Id("k", single: true), Id(null), Id(null)];
        Assert.Equal(all.Length, all.Distinct().Count());
        Assert.Equal([8, 8, 8, 8, 7, 7], all.Select(id => id.Version));
        Assert.All(all, id => Assert.InRange(id.Variant, 8, 11));
        Guid[] tasks = [.. Enumerable.Range(0, 3).Select(i => TaskIds.Task(all[0], i, derived: true, single: false, Now))];
        Assert.Equal(tasks, Enumerable.Range(0, 3).Select(i => TaskIds.Task(all[0], i, derived: true, single: false, Now)));
        Assert.Equal(4, tasks.Append(all[0]).Distinct().Count());
        Assert.Equal(all[0], TaskIds.Task(all[0], 0, derived: true, single: true, Now));
    }
}
