import fs from 'node:fs';
import { Type } from 'typebox';
import type { Access } from '../../access/access.ts';
import { callerOf } from '../../access/caller.ts';
import { makeSession } from '../../access/session.ts';
import { ApiError } from '../../errors/api-error.ts';
import type { TrustedProxies } from '../client/trusted-proxies.ts';
import type { Reply, Scope } from '../fastify-scope.ts';
import { expiredCookies, sessionCookies } from './cookies.ts';
import { SIGN_IN_FILES, SIGN_IN_PATH, SIGN_OUT_PATH } from './sign-in-paths.ts';

const FOLDER = new URL('../../../sign-in/', import.meta.url);
/** The part of the page that says that the token is wrong. */
const FAILED = /<p id="failed"[\s\S]*?<\/p>/;
/** Bytes of the form. A token has 46. */
const MAX_FORM_BYTES = 4_096;

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SignInQuery = Type.Object(
  { next: Type.Optional(Type.String({ description: 'the path to open afterwards' })) },
  { additionalProperties: false },
);

/** `/sign-in`: a form that turns a token into a session cookie. `/sign-out` removes the cookie. */
export function signInRoutes(app: Scope, access: Access, trusted: TrustedProxies, clock: () => number): void {
  const page = fs.readFileSync(new URL('sign-in.html', FOLDER), 'utf8');
  const form = Buffer.from(page.replace(FAILED, ''));
  const failedForm = Buffer.from(page);
  const schema = { hide: true, querystring: SignInQuery };

  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
    (_request, body, done) => done(null, new URLSearchParams(String(body))),
  );

  app.get(SIGN_IN_PATH, { schema }, (request, reply) => {
    const isSignedIn = callerOf(request.raw)?.expiresAt !== undefined;
    return isSignedIn ? reply.redirect(safePath(request.query.next), 303) : sendPage(reply, form);
  });

  app.post(SIGN_IN_PATH, { schema }, (request, reply) => {
    const { body } = request;
    const given = body instanceof URLSearchParams ? body.get('token') : null;
    if (given === null) throw new ApiError('bad_request', 'Send the token as the form field `token`.');
    const token = access.findToken(given.trim());
    if (!token) {
      reply.code(401).header('www-authenticate', 'Bearer realm="landfall", error="invalid_token"');
      return sendPage(reply, failedForm);
    }
    reply.header('set-cookie', sessionCookies(request.raw, trusted, token, makeSession(token, clock())));
    return reply.redirect(safePath(request.query.next), 303);
  });

  app.post(SIGN_OUT_PATH, { schema: { hide: true } }, (request, reply) =>
    reply.header('set-cookie', expiredCookies(request.raw, trusted)).code(204).send(),
  );

  for (const { name, path, type } of SIGN_IN_FILES) {
    const body = fs.readFileSync(new URL(name, FOLDER));
    app.get(path, { schema: { hide: true } }, (_request, reply) =>
      reply.header('x-content-type-options', 'nosniff').type(type).send(body),
    );
  }
}

function sendPage(reply: Reply, page: Buffer): Reply {
  // With `no-referrer`, browsers would send the form with `Origin: null`.
  reply.header('content-security-policy', POLICY).header('referrer-policy', 'same-origin');
  return reply.header('x-content-type-options', 'nosniff').type('text/html; charset=utf-8').send(page);
}

/** A path of this service that is not the form itself; `/` for anything else, as the address of another host. */
const safePath = (next = '/'): string =>
  /^\/(?![/\\])[\x21-\x7e]*$/.test(next) && !next.startsWith(SIGN_IN_PATH) ? next : '/';
