using System.Diagnostics;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaymentSim.Tests.Support;

/// <summary>Disks that a test can fill: file systems in memory, which only Linux has and only root may mount.</summary>
/// <param name="output">Where the runner shows messages beside the results: it keeps the reasons of skipped tests to itself.</param>
public sealed class SmallDisks(IMessageSink output) : IAsyncLifetime
{
    private string? _missing;

    public async Task InitializeAsync()
    {
        using var folder = new TempFolder();
        _missing = OperatingSystem.IsLinux()
            ? await SmallDisk.TryMountAsync(folder, megabytes: 1) is { } refusal ? "No disk can be mounted here: " + refusal : null
            : "Small disks can be mounted on Linux only.";
        if (_missing is null) await SmallDisk.UnmountAsync(folder);
        else output.OnMessage(new DiagnosticMessage("Tests of full disks are skipped. " + _missing));
    }

    /// <summary>A new disk; the test is skipped where none can be mounted.</summary>
    public async Task<SmallDisk> MountAsync(int megabytes)
    {
        Skip.If(_missing is not null, _missing);
        var folder = new TempFolder();
        (await SmallDisk.TryMountAsync(folder, megabytes)).ShouldBeNull();
        return new SmallDisk(folder);
    }

    public Task DisposeAsync() => Task.CompletedTask;
}

/// <summary>A disk of its own, mounted at a folder. Who uses files on it must have ended before it is disposed.</summary>
public sealed class SmallDisk(TempFolder folder) : IAsyncDisposable
{
    private const int Block = 4096;

    public TempFolder Folder => folder;

    private string Filler => folder.File("filler");

    private long Free => new DriveInfo(folder.Path).AvailableFreeSpace;

    /// <summary>Takes the last byte but for so many blocks of 4 KB, also where others write at the same time.</summary>
    public void Fill(int but = 0)
    {
        while (Free > but * Block)
        {
            try
            {
                using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
                while (Free > but * Block) filler.Write(new byte[Block]);
            }
            catch (IOException)
            {
                // Somebody else got the last block.
            }
        }
    }

    /// <summary>Gives all space back that was taken.</summary>
    public void Empty() => File.Delete(Filler);

    public async ValueTask DisposeAsync()
    {
        await UnmountAsync(folder);
        folder.Dispose();
    }

    internal static Task<string?> TryMountAsync(TempFolder folder, int megabytes) =>
        TryRunAsync("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "tmpfs", folder.Path);

    internal static async Task UnmountAsync(TempFolder folder) => (await TryRunAsync("umount", folder.Path)).ShouldBeNull();

    /// <summary>Null: it was done; else why not.</summary>
    private static async Task<string?> TryRunAsync(string program, params string[] args)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, args) { RedirectStandardError = true })!;
            var errors = await process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            return process.ExitCode == 0 ? null : errors.Trim();
        }
        catch (System.ComponentModel.Win32Exception missing)
        {
            return missing.Message;
        }
    }
}
