namespace ShitOps.Hosting.Sealing;

/// <summary>
/// The key ring cannot be read or written now. It passes; what was to be opened may be as good as ever. Not to be mistaken
/// for a body that does not open, which is quarantined.
/// </summary>
public sealed class KeyRingAwayException(string message, Exception inner) : IOException(message, inner)
{
    /// <summary>The one among the causes, null if there is none: Data Protection makes its own exception of whatever happens to its keys.</summary>
    internal static KeyRingAwayException? Of(Exception error)
    {
        for (Exception? cause = error; cause is not null; cause = cause.InnerException)
        {
            if (cause is KeyRingAwayException away)
                return away;
        }
        return null;
    }
}
