import type { IncomingMessage } from 'node:http';
import { isSameSecret } from '../../server/authorisation.ts';
import type { GatewayState } from '../endpoints.ts';
import { HttpError } from '../http-reply.ts';
import type { Project } from '../project.ts';
import { DEFAULT_PROJECT } from '../route.ts';

/**
 * The project whose Langfuse keys a request has, as Langfuse's SDKs send them. A gateway that asks for no token and has
 * no keys itself takes any.
 * @throws {HttpError} 401
 */
export function projectOfKeys(
  { headers }: IncomingMessage,
  { projects, isProtected }: Pick<GatewayState, 'projects' | 'isProtected'>,
): { name: string; project: Project } {
  const [, encoded = ''] = /^Basic +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const given = Buffer.from(encoded, 'base64').toString();
  const all = Array.from(projects, ([name, project]) => ({ name, project }));
  const withKeys = all.filter(({ project }) => project.destination);
  const found = withKeys.find(
    ({ project: { destination } }) =>
      destination && isSameSecret(given, `${destination.publicKey}:${destination.secretKey}`),
  );
  const takesAny = withKeys.length === 0 && !isProtected;
  const project = found ?? (takesAny ? all.find(({ name }) => name === DEFAULT_PROJECT) : undefined);
  if (!project) throw new HttpError(401, 'send the Langfuse keys of a project of this gateway, as Langfuse’s SDKs do');
  return project;
}
