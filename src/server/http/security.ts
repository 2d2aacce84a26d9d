import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** Directives of a content security policy. */
export type Policy = Record<string, string[]>;

/** Pages may run the server's own files only, may not be framed, and may not turn text into markup. */
export const strictPolicy: Policy = {
  'default-src': ["'none'"],
  'script-src': ["'self'"],
  'style-src': ["'self'"],
  'img-src': ["'self'", 'data:', 'blob:'],
  'media-src': ["'self'", 'blob:'],
  'font-src': ["'self'"],
  'connect-src': ["'self'"],
  'manifest-src': ["'self'"],
  'worker-src': ["'self'"],
  'form-action': ["'self'"],
  'base-uri': ["'none'"],
  'frame-ancestors': ["'none'"],
  'require-trusted-types-for': ["'script'"],
};

/** The header of a page that needs a policy of its own. */
export const toPolicyHeader = (policy: Policy): string =>
  Object.entries(policy)
    .map(([name, values]) => [name, ...values].join(' '))
    .join(';');

/**
 * The security headers of every answer, and no storing unless an answer says otherwise. Left out is what only browsers
 * heed that are long gone, and what the policy says already (`frame-ancestors`): this runs for every request. HSTS only
 * where the operator says that the address is https: on plain http it would lock people out later.
 */
export function securityHeaders(publicUrl: string | undefined): RequestHandler {
  const protect = helmet({
    contentSecurityPolicy: { useDefaults: false, directives: strictPolicy },
    strictTransportSecurity: publicUrl?.startsWith('https:') === true,
    originAgentCluster: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xFrameOptions: false,
    xPermittedCrossDomainPolicies: false,
    xPoweredBy: false,
    xXssProtection: false,
  });
  return (request, response, next) => {
    response.setHeader('cache-control', 'no-store');
    protect(request, response, next);
  };
}
