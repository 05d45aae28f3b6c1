import { lookup, type LookupAddress } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * Addresses that no public server has: they lead into the network of this machine, or to the machine itself.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 */
const SPECIAL_V4: readonly (readonly [network: string, prefix: number])[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  // Link-local: 169.254.169.254 gives a cloud machine its credentials.
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];

/** @see https://www.iana.org/assignments/iana-ipv6-special-registry */
const SPECIAL_V6: readonly (readonly [network: string, prefix: number])[] = [
  // Unspecified, loopback, and IPv4 addresses in their old form.
  ['::', 96],
  ['64:ff9b:1::', 48],
  ['100::', 64],
  ['2001::', 23],
  ['2001:db8::', 32],
  // An IPv4 address is within it, which its routers unwrap.
  ['2002::', 16],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
];

const SPECIAL = new BlockList();
for (const [network, prefix] of SPECIAL_V4) {
  // Also stands for `::ffff:0:0/96`, IPv4 addresses mapped into IPv6.
  SPECIAL.addSubnet(network, prefix, 'ipv4');
  // How a network without IPv4 reaches it (RFC 6052): there, public servers have such addresses as well.
  SPECIAL.addSubnet(`64:ff9b::${network}`, 96 + prefix, 'ipv6');
}
for (const [network, prefix] of SPECIAL_V6) SPECIAL.addSubnet(network, prefix, 'ipv6');

/** Whether a server with this IP address may be a public one. A text that is no address is not public. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !SPECIAL.check(address, version === 6 ? 'ipv6' : 'ipv4');
}

/** The name leads into a private network. */
export const PRIVATE_ADDRESS = 'ERR_PRIVATE_ADDRESS';

/**
 * `dns.lookup` that knows only public addresses. It is asked as the connection is made: what a name led to before, or
 * leads to afterwards, does not matter.
 */
export const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, []);
    const usable: LookupAddress[] = addresses.filter(({ address }) => isPublicAddress(address));
    const [first] = usable;
    if (!first) {
      const refusal = Object.assign(new Error(`${hostname} has a private address`), { code: PRIVATE_ADDRESS });
      return callback(refusal, []);
    }
    if (options.all) callback(null, usable);
    else callback(null, first.address, first.family);
  });
};
