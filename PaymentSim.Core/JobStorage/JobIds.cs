using System.Globalization;

namespace PaymentSim.Core.JobStorage;

/// <summary>Job ids are numbers in the database and texts in Hangfire.</summary>
internal static class JobIds
{
    public static string ToText(long id) => id.ToString(CultureInfo.InvariantCulture);

    /// <summary>False for every text that is not exactly how a job's id is written: the dashboard's addresses hold any text.</summary>
    public static bool TryParse(string text, out long id) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out id) && id > 0 && text[0] != '0';
}
