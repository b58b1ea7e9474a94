using System.Security.Cryptography;
using Microsoft.AspNetCore.DataProtection;

namespace PaymentSim.Api.Console;

/// <summary>
/// Keeps the entered key in the browser until it is closed. Browsers send a cookie to every port of a host, so it is sealed: other programs
/// on this machine cannot read the key.
/// </summary>
internal sealed class KeyCookie(IDataProtectionProvider protection)
{
    private const string Name = "paymentsim_key";

    private readonly IDataProtector _seal = protection.CreateProtector("PaymentSim.Console.Key");

    /// <summary>The key, or null where none was entered here.</summary>
    public string? Read(HttpRequest request)
    {
        if (request.Cookies[Name] is not { Length: > 0 } cookie) return null;
        try
        {
            return _seal.Unprotect(cookie);
        }
        catch (CryptographicException)
        {
            // Another simulator's, or of a data directory that is gone.
            return null;
        }
    }

    public void Write(HttpContext http, string key) => http.Response.Cookies.Append(Name, _seal.Protect(key), Options(http));

    public static void Forget(HttpContext http) => http.Response.Cookies.Delete(Name, Options(http));

    private static CookieOptions Options(HttpContext http) =>
        new() { HttpOnly = true, SameSite = SameSiteMode.Strict, Secure = http.Request.IsHttps, IsEssential = true };
}
