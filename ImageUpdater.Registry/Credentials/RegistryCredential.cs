using System.Net.Http.Headers;
using System.Text;

namespace ImageUpdater.Registry.Credentials;

/// <summary>A user name and password, or an identity token, for one registry. Never printed, logged or stored.</summary>
/// <param name="Origin">Where the credential was found, for messages: <c>pull secret default/regcred</c>.</param>
internal sealed record RegistryCredential(string Origin, string Username, string Password, string? IdentityToken = null)
{
    /// <summary>The namespace of the pull secret; null for the operator's own.</summary>
    public string? Owner { get; init; }

    /// <summary>Without a password, the identity token is sent instead: some token servers accept that.</summary>
    public AuthenticationHeaderValue AsBasic() => new(
        "Basic",
        Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{(Password.Length > 0 ? Password : IdentityToken)}")));

    // Origin and owner are left out: the same account found in two places shares its tokens.
    public bool Equals(RegistryCredential? other) =>
        other is not null && Username == other.Username && Password == other.Password && IdentityToken == other.IdentityToken;

    public override int GetHashCode() => HashCode.Combine(Username, Password, IdentityToken);

    public override string ToString() => Origin;
}
