import path from 'node:path';
import { inject } from 'vitest';

/** Where the apps of the tests run. */
export interface Place {
  /** The Node that runs them. */
  node: string;
  /** Their working directory; `test/` below it has the apps. */
  root: string;
  /** The folder of this package. */
  package: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    /** In the matrix: the cell a test runs in. */
    cell?: { node: string; otel: string };
    /** In the matrix: the Nodes by name, and the folders of the apps by the OpenTelemetry SDK in them. */
    matrix?: { nodes: Record<string, string>; folders: Record<string, string> };
  }
}

const ROOT = path.join(import.meta.dirname, '../..');

function placeOfCell(): Place | undefined {
  const [cell, matrix] = [inject('cell'), inject('matrix')];
  if (!cell || !matrix) return undefined;
  const [node, root] = [matrix.nodes[cell.node], matrix.folders[cell.otel]];
  if (!node || !root) throw new Error(`${cell.node} with ${cell.otel} cannot be installed here`);
  return { node, root, package: path.join(root, 'node_modules', 'otel-langfuse') };
}

const cell: Place | undefined = placeOfCell();

/** Whether that is a cell of the matrix, with all that the apps there need. */
export const isInMatrix: boolean = cell !== undefined;

/** This repository, and the Node that runs the tests, unless the matrix says otherwise: test/matrix/vitest.config.ts. */
export const PLACE: Place = cell ?? { node: process.execPath, root: ROOT, package: ROOT };
