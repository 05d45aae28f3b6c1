/** One column of a table; the first one gives way where the terminal is too narrow. */
export interface Column {
  title: string;
  align: 'left' | 'right';
}

const GAP = '  ';
const NARROWEST = 8;
const SEGMENTS = new Intl.Segmenter();
/** Characters that take two places on a terminal. */
const WIDE = /\p{Emoji_Presentation}|[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60]/u;

/**
 * Lays a table out in lines of at most `width` places, the titles first. Cells are what users sent: characters that
 * would move the cursor, or hide, are shown as `�`.
 */
export function layOut(columns: readonly Column[], rows: readonly (readonly string[])[], width: number): string[] {
  const lines = [columns.map(({ title }) => title), ...rows].map((cells) => cells.map(printable));
  const widths = columns.map((_, index) => Math.max(...lines.map((cells) => widthOf(cells[index] ?? ''))));
  const [first = 0, ...others] = widths;
  const left = width - others.reduce((sum, column) => sum + column + GAP.length, 0);
  widths[0] = Math.min(first, Math.max(left, NARROWEST));
  return lines.map((cells) =>
    columns
      .map(({ align }, index) => fit(cells[index] ?? '', widths[index] ?? 0, align))
      .join(GAP)
      .trimEnd(),
  );
}

function printable(text: string): string {
  // All but the joiner that emoji are composed with.
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]|(?!\u200D)\p{Cf}/gu, '\uFFFD');
}

function fit(text: string, width: number, align: Column['align']): string {
  const cut = widthOf(text) > width ? cutTo(text, width) : text;
  const padding = ' '.repeat(width - widthOf(cut));
  return align === 'left' ? cut + padding : padding + cut;
}

function cutTo(text: string, width: number): string {
  let kept = '';
  for (const { segment } of SEGMENTS.segment(text)) {
    if (widthOf(kept) + widthOf(segment) > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

function widthOf(text: string): number {
  let width = 0;
  for (const { segment } of SEGMENTS.segment(text)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}
