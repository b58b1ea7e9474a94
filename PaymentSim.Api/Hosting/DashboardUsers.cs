using System.Security.Cryptography;
using System.Text;

namespace PaymentSim.Api.Hosting;

/// <summary>What a person may do on the dashboard.</summary>
public enum DashboardRole
{
    /// <summary>Looks, and changes nothing.</summary>
    Viewer,

    /// <summary>May do everything: replay, requeue, delete.</summary>
    Operator,
}

/// <summary>The people who may open the dashboard, from the setting <c>Dashboard:Users</c>. Passwords are kept as hashes alone.</summary>
public sealed class DashboardUsers
{
    /// <summary>The shortest password: the dashboard may be within reach of a network.</summary>
    private const int LeastPassword = 8;

    private readonly List<(string Name, DashboardRole Role, byte[] Hash)> _users = [];

    private DashboardUsers()
    {
    }

    /// <summary>Nobody is named: the dashboard is for this machine alone.</summary>
    public bool IsEmpty => _users.Count == 0;

    /// <param name="text"><c>name:role:password</c>, several separated by spaces; a password is all that follows the second colon.</param>
    /// <exception cref="FormatException">It cannot be read; the message does not hold any of it that could be a password.</exception>
    public static DashboardUsers Parse(string text)
    {
        var users = new DashboardUsers();
        var entries = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        for (var i = 0; i < entries.Length; i++)
        {
            if (entries[i].Split(':', 3) is not [{ Length: > 0 } name, var role, var password])
                throw new FormatException($"user {i + 1} is not written as name:role:password");
            if (!Enum.TryParse<DashboardRole>(role, ignoreCase: true, out var known) || !Enum.IsDefined(known) || char.IsAsciiDigit(role[0]))
                throw new FormatException($"the role of user {i + 1} must be viewer or operator");
            if (password.Length < LeastPassword) throw new FormatException($"the password of user {i + 1} must have {LeastPassword} characters at least");
            if (users._users.Exists(user => user.Name == name)) throw new FormatException($"user {i + 1} has the name of another one");
            users._users.Add((name, known, Hash(password)));
        }

        return users;
    }

    /// <summary>The role of who knows a name and its password; null: nobody. Takes as long for every name and every password.</summary>
    public DashboardRole? Find(string name, string password)
    {
        var (found, hash) = ((DashboardRole?)null, Hash(password));
        foreach (var user in _users)
        {
            var isName = CryptographicOperations.FixedTimeEquals(Hash(user.Name), Hash(name));
            if (CryptographicOperations.FixedTimeEquals(user.Hash, hash) & isName) found = user.Role;
        }

        return found;
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
