using System.Net.Http.Headers;
using System.Text;

namespace ImageUpdater.Registry.Credentials;

/// <summary>A user name and password, or an identity token, that belong to one registry. Never printed, logged or stored.</summary>
/// <param name="Origin">Where it was found, in words for a person: <c>pull secret default/regcred</c>.</param>
internal sealed record RegistryCredential(string Origin, string Username, string Password, string? IdentityToken = null)
{
    /// <summary>Where there is only an identity token, some token servers take it as the password.</summary>
    public AuthenticationHeaderValue AsBasic() => new(
        "Basic",
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{(Password.Length > 0 ? Password : IdentityToken)}")));

    // The same account found in two places is one account: it shares its tokens.
    public bool Equals(RegistryCredential? other) =>
        other is not null && Username == other.Username && Password == other.Password && IdentityToken == other.IdentityToken;

    public override int GetHashCode() => HashCode.Combine(Username, Password, IdentityToken);

    public override string ToString() => Origin;
}
