// Adds to a lock file the packages for other platforms that npm left out. npm writes an optional dependency into the
// lock only if the registry at hand has it; where a mirror carries the binaries of one platform only, the lock comes
// out incomplete and `npm ci` refuses it everywhere. Run after `npm install`: node scripts/complete-lock.mjs [folder]
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'wasm32', 'x64'];

const file = path.join(process.argv[2] ?? '.', 'package-lock.json');
const lock = JSON.parse(readFileSync(file, 'utf8'));
const added = [];

for (const [owner, { optionalDependencies = {}, dev }] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(optionalDependencies)) {
    const places = [`${owner}/node_modules/${name}`, `node_modules/${name}`];
    if (owner === '' || places.some((place) => lock.packages[place])) continue;
    const words = name.split(/[/-]/);
    const os = SYSTEMS.filter((system) => words.includes(system));
    const cpu = PROCESSORS.filter((processor) => words.includes(processor));
    if (os.length === 0 || !/^\d/.test(version)) continue;
    const libc = os.includes('linux') ? [words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'] : undefined;
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(dev && { dev }),
      ...(libc && { libc }),
      optional: true,
      os,
    };
    added.push(name);
  }
}

const root = lock.packages[''];
const rest = Object.entries(lock.packages).filter(([place]) => place !== '');
const byName = rest.toSorted(([a], [b]) => a.localeCompare(b, 'en'));
lock.packages = { '': root, ...Object.fromEntries(byName) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);
console.log(added.length > 0 ? `added ${added.length} packages for other platforms` : 'nothing to add');
