using System.Net;

namespace ImageUpdater.Registry.Transport;

/// <summary>
/// The addresses that a packet to an address may reach: translators and tunnels deliver it to an IPv4 address that an IPv6 address carries.
/// Mapped (RFC 4291, section 2.5.5.2), SIIT (RFC 2765, <c>::ffff:0:a.b.c.d</c>), NAT64 (RFC 6052 and, for local use, RFC 8215), 6to4 (RFC 3056), and
/// Teredo (RFC 4380).
/// </summary>
internal static class CarriedAddresses
{
    private static readonly IPNetwork Translated = IPNetwork.Parse("64:ff9b::/96");
    private static readonly IPNetwork TranslatedLocally = IPNetwork.Parse("64:ff9b:1::/48");
    private static readonly IPNetwork Stateless = IPNetwork.Parse("::ffff:0:0:0/96");
    private static readonly IPNetwork SixToFour = IPNetwork.Parse("2002::/16");
    private static readonly IPNetwork Teredo = IPNetwork.Parse("2001::/32");

    // "This network": a field that carries nothing is zero, perhaps followed by the start of the next one.
    private static readonly IPNetwork Nothing = IPNetwork.Parse("0.0.0.0/8");

    public static IReadOnlyList<IPAddress> In(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6)
            return [address.MapToIPv4()];

        var bytes = address.GetAddressBytes();
        if (Translated.Contains(address) || Stateless.Contains(address))
            return [new IPAddress(bytes[12..])];
        if (TranslatedLocally.Contains(address))
            return Locally(bytes);
        if (SixToFour.Contains(address))
            return [new IPAddress(bytes[2..6])];
        // The server relays, and the client's address is inverted.
        return Teredo.Contains(address)
            ? [new IPAddress(bytes[4..8]), new IPAddress(bytes[12..].Select(part => (byte)~part).ToArray())]
            : [address];
    }

    // The length of the prefix is the network's own choice, and decides which bytes carry the address. Byte 8 is always zero (RFC 6052, section 2.2).
    private static List<IPAddress> Locally(byte[] bytes) =>
    [
        new(bytes[12..]),
        .. new[] { new IPAddress([bytes[6], bytes[7], bytes[9], bytes[10]]), new IPAddress([bytes[7], bytes[9], bytes[10], bytes[11]]), new IPAddress(bytes[9..13]) }
            .Where(other => !Nothing.Contains(other)),
    ];
}
