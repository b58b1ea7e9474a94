using System.Text.RegularExpressions;
using PaymentSim.Tests.Support;

namespace PaymentSim.Tests.EndToEnd;

/// <summary>The program from its start to its end: how it stops, and how it says why it cannot start.</summary>
public sealed class ProgramTests
{
    [EngineFact]
    public async Task Asked_to_stop_it_ends_with_0()
    {
        using var folder = new TempFolder();
        await using var process = await SimulatorProcess.ServeAsync(folder);
        using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
        (await new Merchant("sk_test_stop", http).ChargeAsync()).ShouldBe(200);

        await process.TerminateAsync();

        (await process.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, process.Output + process.Errors);
        process.Errors.ShouldBeEmpty();
        if (Engines.Current == Engine.Sqlite) Directory.GetFiles(folder.Path, "paymentsim.db*").Select(Path.GetFileName).Order().ShouldBe(["paymentsim.db", "paymentsim.db.owner"]);
    }

    [EngineFact]
    public async Task Asked_to_stop_it_lets_an_attempt_that_is_under_way_finish()
    {
        using var folder = new TempFolder();
        var release = new TaskCompletionSource();
        await using var receiver = await Receiver.StartAsync(async context =>
        {
            await release.Task;
            await Receiver.Status(200, "thanks")(context);
        });
        string eventId;
        await using (var process = await SimulatorProcess.ServeAsync(folder, "--Webhooks:Timeout=20s"))
        {
            using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
            var merchant = new Merchant("sk_test_stop", http);
            await merchant.AddEndpointAsync(receiver.Url);
            (await merchant.ChargeAsync()).ShouldBe(200);
            eventId = (await merchant.EventAsync("charge.succeeded")).Id;
            await receiver.WaitForAsync(1);

            await process.TerminateAsync();
            await Eventually.HoldsAsync(() => RefusesAsync(process.Url), "the server takes no more requests");
            // Longer than impatient hosts wait before they end the process all the same.
            await Eventually.PassesAsync(TimeSpan.FromSeconds(4));
            release.SetResult();

            (await process.WaitForExitAsync(TimeSpan.FromSeconds(25))).ShouldBe(0, process.Output + process.Errors);
        }

        await using var next = await SimulatorProcess.ServeAsync(folder);
        using var client = new HttpClient { BaseAddress = new Uri(next.Url) };
        var delivery = await new Merchant("sk_test_stop", client).DeliveryAsync(eventId, "succeeded");
        delivery.At("attempts.0.response_body").GetString().ShouldBe("thanks");
        delivery.GetProperty("attempts").GetArrayLength().ShouldBe(1);
        receiver.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Asked_to_stop_it_ends_in_time_and_leaves_what_it_could_not_do_to_the_next()
    {
        const int Workers = 4;
        const int Charges = 12;
        using var folder = new TempFolder();
        var (answered, never) = (new TaskCompletionSource(), new TaskCompletionSource());
        var count = 0;
        // Of the four that are sent at once, two are answered while the program stops, and two are not answered at all.
        await using var receiver = await Receiver.StartAsync(_ => Interlocked.Increment(ref count) <= Workers / 2 ? answered.Task : never.Task);
        await using (var process = await SimulatorProcess.ServeAsync(folder, $"--Jobs:Workers={Workers}", "--Webhooks:RetrySchedule=1s", "--Webhooks:Timeout=12s"))
        {
            using var http = new HttpClient { BaseAddress = new Uri(process.Url) };
            // One endpoint would not be given all workers.
            foreach (var merchant in Enumerable.Range(0, Workers).Select(i => new Merchant($"sk_test_stop{i}", http)))
            {
                await merchant.AddEndpointAsync(receiver.Url);
                for (var i = 0; i < Charges / Workers; i++) (await merchant.ChargeAsync(idempotencyKey: $"charge-{i}")).ShouldBe(200);
            }

            await receiver.WaitForAsync(Workers);

            await process.TerminateAsync();
            await Eventually.HoldsAsync(() => RefusesAsync(process.Url), "the server takes no more requests");
            answered.SetResult();

            (await process.WaitForExitAsync(TimeSpan.FromSeconds(20))).ShouldBe(0, process.Output + process.Errors);
            process.Errors.ShouldBeEmpty();
        }

        Books.ShouldBalance(folder);
        Books.Count(folder, "SELECT COUNT(*) FROM deliveries WHERE status = 'succeeded' AND attempts = 1").ShouldBe(Workers / 2);
        Books.Count(folder, "SELECT COUNT(*) FROM deliveries WHERE status = 'pending' AND attempts = 1").ShouldBe(Workers / 2);
        Books.Count(folder, "SELECT COUNT(*) FROM deliveries WHERE status = 'pending' AND attempts = 0").ShouldBe(Charges - Workers);
        Books.Count(folder, "SELECT COUNT(*) FROM delivery_attempts WHERE outcome = 'open'").ShouldBe(0);

        receiver.Answer = Receiver.Status(200);
        await using var next = await SimulatorProcess.ServeAsync(folder, "--Webhooks:RetrySchedule=1s");
        await Books.ShouldCloseAsync(folder);
        never.SetResult();
        receiver.Requests.GroupBy(request => request.Headers["webhook-id"]).Select(webhook => webhook.Count()).Order()
            .ShouldBe([.. Enumerable.Repeat(1, Charges - (Workers / 2)), .. Enumerable.Repeat(2, Workers / 2)]);
    }

    [Fact]
    public async Task A_second_process_on_the_same_data_is_refused_in_one_line()
    {
        using var folder = new TempFolder();
        using var elsewhere = new TempFolder();
        // The same folder by another name.
        var link = Directory.CreateSymbolicLink(elsewhere.File("link"), folder.Path).FullName;
        await using var first = await SimulatorProcess.ServeAsync(folder);
        using var http = new HttpClient { BaseAddress = new Uri(first.Url) };
        var merchant = new Merchant("sk_test_first", http);
        var before = (await merchant.ChargeAsync()).ShouldBe(200).Id;

        foreach (var path in new[] { folder.Path, link })
        {
            await RefusesToStartAsync($"Another PaymentSim already runs on {path}", "serve", "--urls=http://127.0.0.1:0", $"--PaymentSim:DataDirectory={path}");
            await RefusesToStartAsync($"Another PaymentSim already runs on {path}", "keys", "create", "--name", "A shop", $"--PaymentSim:DataDirectory={path}");
        }

        var after = (await merchant.ChargeAsync()).ShouldBe(200).Id;
        (await merchant.IdsAsync("/v1/charges")).ShouldBe([after, before]);
    }

    [Fact]
    public async Task A_port_in_use_is_said_in_one_line()
    {
        using var folder = new TempFolder();
        await using var taken = await Receiver.StartAsync();

        await RefusesToStartAsync(
            $"Failed to bind to address {taken.Url.TrimEnd('/')}: address already in use.", "serve", $"--urls={taken.Url}", $"--PaymentSim:DataDirectory={folder.Path}");
    }

    [Theory]
    [InlineData("--Webhooks:RetrySchedule=5x", "Webhooks:RetrySchedule")]
    [InlineData("--Webhooks:RetrySchedule=5s,,-1s", "Webhooks:RetrySchedule")]
    [InlineData("--Webhooks:Timeout=0s", "Webhooks:Timeout")]
    [InlineData("--Webhooks:SweepInterval=", "Webhooks:SweepInterval")]
    [InlineData("--Webhooks:AllowPrivateNetworks=maybe", "Webhooks:AllowPrivateNetworks")]
    [InlineData("--Webhooks:AllowedHosts=10.8.0.0/33", "Webhooks:AllowedHosts")]
    [InlineData("--Webhooks:AttemptRetention=0s", "Webhooks:AttemptRetention")]
    [InlineData("--PaymentSim:Storge=x", "PaymentSim:Storge")]
    [InlineData("--PaymentSim:Storage=oracle", "PaymentSim:Storage")]
    [InlineData("--PaymentSim:Storage=postgres", "ConnectionStrings:PaymentSim")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=nonsense", "ConnectionStrings:PaymentSim is no connection string")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=Host=h;Password=hush;hush=1", "ConnectionStrings:PaymentSim is no connection string")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=Database=d;Password=hush", "names no Host")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=Host=127.0.0.1;Port=1;Password=hush", "at 127.0.0.1:1 cannot be opened: Failed to connect")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=Host=h --Jobs:Storage=memory", "Jobs:Storage")]
    [InlineData("--PaymentSim:Storage=postgres --ConnectionStrings:PaymentSim=Host=h --Jobs:Storage=sqlite", "Jobs:Storage")]
    [InlineData("--Jobs:Storage=postgres", "Jobs:Storage")]
    [InlineData("--ConnectionStrings:Other=x", "ConnectionStrings:Other")]
    [InlineData("--PaymentSim:SecretKey=c2hvcnQ=", "PaymentSim:SecretKey must be 32 bytes")]
    [InlineData("--PaymentSim:Access=all", "PaymentSim:Access")]
    [InlineData("--PaymentSim:DataDirectory=", "PaymentSim:DataDirectory")]
    [InlineData("--PaymentSim:BankDebitDelay=soon", "PaymentSim:BankDebitDelay")]
    [InlineData("--PaymentSim:Seed=-1", "PaymentSim:Seed")]
    [InlineData("--Jobs:Workers=0", "Jobs:Workers")]
    [InlineData("--Jobs:DeliveryBatch=0", "Jobs:DeliveryBatch")]
    [InlineData("--Jobs:DeliveryBatch=1001", "Jobs:DeliveryBatch")]
    [InlineData("--ulrs http://127.0.0.1:0", "--ulrs")]
    [InlineData("--ulrs=http://127.0.0.1:0", "--ulrs")]
    [InlineData("serv", "serv")]
    [InlineData("--urls", "urls")]
    [InlineData("--urls=nonsense", "nonsense")]
    public async Task A_wrong_setting_is_named_in_one_line(string arguments, string named)
    {
        using var folder = new TempFolder();
        string[] place = arguments.Contains("DataDirectory") ? [] : [$"--PaymentSim:DataDirectory={folder.Path}"];
        string[] urls = arguments.Contains("--urls") ? [] : ["--urls=http://127.0.0.1:0"];

        await RefusesToStartAsync(named, ["serve", .. urls, .. place, .. arguments.Split(' ')]);
    }

    [Fact]
    public async Task A_data_directory_that_cannot_be_made_is_said_in_one_line()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("file"), "");

        await RefusesToStartAsync("file", "serve", "--urls=http://127.0.0.1:0", $"--PaymentSim:DataDirectory={folder.File("file")}");
    }

    [Fact]
    public async Task A_database_that_is_none_is_said_in_one_line()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("paymentsim.db"), new string('x', 8192));

        await RefusesToStartAsync("paymentsim.db", "serve", "--urls=http://127.0.0.1:0", $"--PaymentSim:DataDirectory={folder.Path}");
    }

    [EngineFact]
    public async Task A_key_made_on_purpose_is_taken_where_others_are_not()
    {
        using var folder = new TempFolder();
        var (code, output, errors) = await SimulatorProcess.RunAsync(["keys", "create", "--name", "A shop", .. Engines.Settings(folder)]);
        code.ShouldBe(0, errors);
        var key = Regex.Match(output, "sk_test_[A-Za-z0-9]{40}").Value;
        key.ShouldNotBeEmpty(output);

        await using var process = await SimulatorProcess.ServeAsync(folder, "--PaymentSim:Access=keys");
        using var http = new HttpClient { BaseAddress = new Uri(process.Url) };

        (await new Merchant(key, http).ChargeAsync()).ShouldBe(200);
        (await new Merchant("sk_test_unknown", http).ChargeAsync()).ShouldBeError(401, "invalid_request_error");
        (await new Merchant(key[..^1], http).ChargeAsync()).ShouldBe(401);
        process.Output.ShouldNotContain(key);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("serve --help")]
    [InlineData("keys create --help")]
    [InlineData("--version")]
    public async Task Help_and_version_end_with_0(string arguments)
    {
        var (code, output, errors) = await SimulatorProcess.RunAsync(arguments.Split(' '));

        code.ShouldBe(0);
        output.ShouldNotBeEmpty();
        errors.ShouldBeEmpty();
    }

    private static async Task RefusesToStartAsync(string named, params string[] args)
    {
        var (code, output, errors) = await SimulatorProcess.RunAsync(args);

        code.ShouldBe(1, output + errors);
        errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldHaveSingleItem().ShouldContain(named);
        (output + errors).ShouldNotContain("   at ");
        (output + errors).ShouldNotContain("hush");
        output.ShouldNotContain("ready at");
    }

    private static async Task<bool> RefusesAsync(string url)
    {
        try
        {
            using var http = new HttpClient();
            using var response = await http.GetAsync(url + "/health/live");
            return false;
        }
        catch (HttpRequestException)
        {
            return true;
        }
    }
}
