using CsCheck;
using ShitOps.Grains.Tasks;

namespace ShitOps.Grains.Tests.Tasks;

public sealed class ProgressTests
{
    private static readonly TaskState[] Ends = [TaskState.Done, TaskState.Failed, TaskState.Cancelled];

    /// <summary>What holds by definition: the states of blocked tasks, from those of all they depend on, until nothing changes.</summary>
    private static TaskState[] Reference(TestGraph test, TaskState[] states, IReadOnlyDictionary<Guid, TaskState> outside)
    {
        TaskState[] now = [.. states];
        TaskState Of(Guid id) => Array.IndexOf(test.Ids, id) is >= 0 and int place ? now[place] : outside.GetValueOrDefault(id, TaskState.Blocked);
        for (bool changed = true; changed;)
        {
            changed = false;
            for (int i = 0; i < now.Length; i++)
            {
                if (now[i] != TaskState.Blocked)
                    continue;
                bool breaks = test.Edges[i].Any(e => Of(e.Task) is TaskState.Failed or TaskState.Cancelled && e.OnFailure == OnDependencyFailure.Fail);
                bool met = test.Edges[i].All(e => !Of(e.Task).IsOpen());
                if (breaks || met)
                    (now[i], changed) = (breaks ? TaskState.Failed : TaskState.Ready, true);
            }
        }
        return now;
    }

    private static TaskState[] States(Progress progress, int count) => [.. Enumerable.Range(0, count).Select(i => progress[i])];

    [Fact]
    public void However_tasks_end_the_states_are_those_that_hold_by_definition_and_at_last_all_have_ended() =>
        Gen.Select(TestGraph.Random(30), Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 2]).Array[100], Gen.Int[0, 2].Array[6], Gen.Int[0, 63]).Sample((test, story, fates, before) =>
        {
            WorkflowGraph graph = test.Build();
            Progress progress = test.Blocked(graph);
            var outside = new Dictionary<Guid, TaskState>();
            for (int i = 0; i < 6; i++)
            {
                if ((before & (1 << i)) != 0)
                    outside[TestGraph.Id(1_000_000 + i)] = Ends[fates[i]];
            }
            var readyOnce = new HashSet<int>();
            void Apply(Effect effect)
            {
                Assert.All(effect.Ready, task => Assert.True(readyOnce.Add(task)));
                progress.Apply(effect);
                // Ready only after all it depends on.
                Assert.All(effect.Ready, task => Assert.All(graph.DependenciesOf(task), d =>
                    Assert.False(graph.Find(d.Task) is >= 0 and int place ? progress[place].IsOpen() : outside[d.Task].IsOpen())));
            }
            Apply(progress.Begin(outside));
            Assert.Equal(Reference(test, new TaskState[graph.Count], outside), States(progress, graph.Count));

            foreach ((int pick, int end) in story)
            {
                int[] open = [.. Enumerable.Range(0, graph.Count).Where(i => progress[i].IsOpen())];
                Guid[] waiting = [.. progress.Outside];
                if (open.Length + waiting.Length == 0)
                    break;
                TaskState[] expected = States(progress, graph.Count);
                int which = pick % (open.Length + waiting.Length);
                if (which >= open.Length)
                {
                    outside[waiting[which - open.Length]] = Ends[end];
                    Apply(progress.OutsideEnded(outside));
                }
                else
                {
                    // A blocked one can only be cancelled.
                    TaskState state = progress[open[which]] == TaskState.Blocked ? TaskState.Cancelled : Ends[end];
                    expected[open[which]] = state;
                    Effect effect = progress.Ended(open[which], state);
                    progress.Set(open[which], state);
                    Apply(effect);
                    Assert.Equal(effect.Work, graph.DependentsOf(open[which]).Count + effect.Failed.Sum(f => graph.DependentsOf(f.Task).Count));
                }
                Assert.Equal(Reference(test, expected, outside), States(progress, graph.Count));
            }
            // 30 tasks and 6 others: a hundred steps end them all.
            Assert.All(States(progress, graph.Count), state => Assert.False(state.IsOpen()));
        });

    [Fact]
    public void Read_again_at_any_moment_a_workflow_goes_on_as_if_it_had_never_been_away() =>
        Gen.Select(TestGraph.Random(20), Gen.Select(Gen.Int[0, 1_000], Gen.Int[0, 2]).Array[30]).Sample((test, story) =>
        {
            WorkflowGraph graph = test.Build();
            Progress progress = test.Blocked(graph);
            progress.Apply(progress.Begin(new Dictionary<Guid, TaskState>()));
            foreach ((int pick, int end) in story)
            {
                var again = new Progress(graph, States(progress, graph.Count), (_, outside) => progress.Outside.Contains(outside));
                int[] ready = [.. Enumerable.Range(0, graph.Count).Where(i => progress[i] == TaskState.Ready)];
                if (ready.Length == 0)
                    break;
                int task = ready[pick % ready.Length];
                Effect effect = progress.Ended(task, Ends[end]), same = again.Ended(task, Ends[end]);
                Assert.Equal(effect.Ready, same.Ready);
                Assert.Equal(effect.Failed, same.Failed);
                progress.Apply(effect);
                progress.Set(task, Ends[end]);
            }
        });

    [Fact]
    public void A_failure_is_told_with_the_task_that_began_it_and_stops_where_it_is_ignored()
    {
        // 0 ← 1 ← 2, 2 ← 3 (ignored), 1 ← 4 (ignored)
        var test = new TestGraph([.. Enumerable.Range(0, 5).Select(TestGraph.Id)],
            [[], [TestGraph.Edge(0)], [TestGraph.Edge(1)], [TestGraph.Edge(2, ignore: true)], [TestGraph.Edge(1, ignore: true)]]);
        Progress progress = test.Blocked(test.Build());
        progress.Apply(progress.Begin(new Dictionary<Guid, TaskState>()));
        Effect effect = progress.Ended(0, TaskState.Cancelled);
        var origin = new Origin(TestGraph.Id(0), TaskState.Cancelled);
        Assert.Equal([(1, origin), (2, origin)], effect.Failed);
        Assert.Equal([3, 4], effect.Ready.Order());
    }

    [Fact]
    public void Ten_thousand_tasks_cost_their_edges_once_whatever_their_shape()
    {
        const int count = Limits.WorkflowTasks;
        TaskDependency[][][] shapes =
        [
            [.. Enumerable.Range(0, count).Select(i => i == 0 ? [] : new[] { TestGraph.Edge(i - 1) })],
            [.. Enumerable.Range(0, count).Select(i => i == 0 ? [] : new[] { TestGraph.Edge(0) })],
            [.. Enumerable.Range(0, count).Select(i => i == 0 ? [] : new[] { TestGraph.Edge((i - 1) / 2) })],
            [.. Enumerable.Range(0, count).Select(i => Enumerable.Range(1, Math.Min(i, 10)).Select(back => TestGraph.Edge(i - back)).ToArray())],
        ];
        foreach (TaskDependency[][] edges in shapes)
        {
            var test = new TestGraph([.. Enumerable.Range(0, count).Select(TestGraph.Id)], edges);
            int all = edges.Sum(e => e.Length);
            WorkflowGraph graph = test.Build();
            Assert.Empty(graph.FindCycle(out long work));
            Assert.Equal(count + all, work);

            Progress progress = test.Blocked(graph);
            var ready = new Queue<int>();
            void Apply(Effect effect)
            {
                progress.Apply(effect);
                foreach (int task in effect.Ready)
                    ready.Enqueue(task);
            }
            Apply(progress.Begin(new Dictionary<Guid, TaskState>()));
            long spent = 0;
            int done = 0;
            while (ready.TryDequeue(out int task))
            {
                Effect effect = progress.Ended(task, TaskState.Done);
                Assert.Equal(graph.DependentsOf(task).Count, effect.Work);
                spent += effect.Work;
                Apply(effect);
                progress.Set(task, TaskState.Done);
                done++;
            }
            Assert.Equal((count, (long)all), (done, spent));
        }
    }

    [Fact]
    public void A_chain_of_ten_thousand_fails_as_a_whole_in_one_step()
    {
        const int count = Limits.WorkflowTasks;
        var test = new TestGraph([.. Enumerable.Range(0, count).Select(TestGraph.Id)],
            [.. Enumerable.Range(0, count).Select(i => i == 0 ? [] : new[] { TestGraph.Edge(i - 1) })]);
        Progress progress = test.Blocked(test.Build());
        progress.Apply(progress.Begin(new Dictionary<Guid, TaskState>()));
        Effect effect = progress.Ended(0, TaskState.Failed);
        Assert.Equal(count - 1, effect.Failed.Count);
        Assert.Equal(count - 1, effect.Work);
        Assert.Single(effect.Failed.Select(f => f.Origin).Distinct());
    }
}
