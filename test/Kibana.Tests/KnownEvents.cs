using System.Reflection;
using ShitOps.Grains.Journal;

namespace ShitOps.Kibana.Tests;

/// <summary>The types of events that the system writes.</summary>
internal static class KnownEvents
{
    private static readonly HashSet<string> All =
        [.. typeof(EventTypes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => (string)f.GetRawConstantValue()!)];

    public static bool Contains(string type) => All.Contains(type);
}
