// Stands in for a name server that gives a private address for every name.
import dns from 'node:dns';
import { isIP } from 'node:net';
import { syncBuiltinESMExports } from 'node:module';

const { lookup } = dns;
const address = process.env.TEST_ADDRESS;

dns.lookup = (hostname, options, callback) => {
  if (isIP(hostname)) return lookup(hostname, options, callback);
  const family = isIP(address);
  process.nextTick(() => (options.all ? callback(null, [{ address, family }]) : callback(null, address, family)));
};
syncBuiltinESMExports();
