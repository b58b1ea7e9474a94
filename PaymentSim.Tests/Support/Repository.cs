namespace PaymentSim.Tests.Support;

/// <summary>Where the source lies.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>A file or folder below the root.</summary>
    public static string At(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The built program of a project, in the configuration that these tests were built in.</summary>
    public static string ProgramOf(string project)
    {
        // …/PaymentSim.Tests/bin/Debug/net10.0/
        var framework = new DirectoryInfo(AppContext.BaseDirectory);
        return Path.Combine(Root, project, "bin", framework.Parent!.Name, framework.Name, project + ".dll");
    }

    private static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "PaymentSim.sln"))) return folder.FullName;
        }

        throw new InvalidOperationException($"No PaymentSim.sln above {AppContext.BaseDirectory}.");
    }
}
