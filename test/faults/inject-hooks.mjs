// Functions and methods of the package get a first statement that tells who they are.
const OURS = /\/dist\/((?!util\/(?:guard|diagnostics)\.js).*)\.js$/;
const KEYWORDS = new Set(['if', 'for', 'while', 'switch', 'catch', 'with']);
const FUNCTION = /^((?:export )?(?:async )?function\*? ?(\w+)\(.*\) \{)$/gm;
const METHOD = /^( +(?:static |async |get |set |\*)*(#?\w+)\(.*\) \{)$/gm;

export async function load(url, context, nextLoad) {
  const loaded = await nextLoad(url, context);
  const [, file] = OURS.exec(url) ?? [];
  if (!file || loaded.format !== 'module') return loaded;
  const told = (whole, head, name) =>
    KEYWORDS.has(name) || name === 'constructor' ? whole : `${head} faults.enter("${file} ${name}");`;
  return { ...loaded, source: String(loaded.source).replace(FUNCTION, told).replace(METHOD, told) };
}
