/**
 * The contract for people and programs, all from this server's own files: `/openapi.json` with Swagger UI at `/docs` and
 * Redoc at `/redoc`, `/asyncapi.json` with a page at `/asyncapi`.
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname } from 'node:path';
import type { RequestHandler, Router } from 'express';
import { describeHttp } from '../../protocol/describe.ts';
import { describeSockets } from '../../protocol/describe-sockets.ts';
import { toPolicyHeader, strictPolicy } from './security.ts';
import { asyncApiStart, redocStart, swaggerStart } from './viewers.ts';

const require = createRequire(import.meta.url);

/** The viewers write markup by innerHTML without a policy of their own, so Trusted Types would leave their pages empty. */
const { 'require-trusted-types-for': _trustedTypes, ...viewerPolicy } = strictPolicy;

const viewerPage = toPolicyHeader(viewerPolicy);
/** Redoc's styles are elements made at run time. */
const redocPolicy = toPolicyHeader({ ...viewerPolicy, 'style-src': ["'self'", "'unsafe-inline'"] });
/** Its parser compiles schemas at run time. What it shows is this server's own document, never anybody's text. */
const asyncApiPolicy = toPolicyHeader({ ...viewerPolicy, 'script-src': ["'self'", "'unsafe-eval'"] });

interface Page {
  title: string;
  policy: string;
  styles: string[];
  scripts: string[];
}

const toHtml = ({ title, styles, scripts }: Page): string =>
  [
    '<!doctype html>',
    '<html lang="en">',
    '<head>',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${title}</title>`,
    '<link rel="icon" href="data:,">',
    ...styles.map((path) => `<link rel="stylesheet" href="${path}">`),
    '</head>',
    '<body>',
    '<main id="page"></main>',
    ...scripts.map((path) => `<script src="${path}"></script>`),
    '</body>',
    '</html>',
    '',
  ].join('\n');

const answerPage = (page: Page): RequestHandler => {
  const html = toHtml(page);
  return (_request, response) => {
    response.setHeader('content-security-policy', page.policy);
    response.type('html').send(html);
  };
};

const answerScript =
  (text: string): RequestHandler =>
  (_request, response) => {
    response.type('text/javascript').send(text);
  };

/** Redoc's bundle without the picture that its footer would fetch from its maker. */
const readRedoc = async (): Promise<string> => {
  const text = await readFile(require.resolve('redoc/bundles/redoc.standalone.js'), 'utf8');
  return text.replaceAll(/https:\/\/cdn\.redoc\.ly\/[\w/.-]+/g, 'data:,');
};

/** The text is read when it is first asked for. */
const answerRedoc = (): RequestHandler => {
  let text: string | undefined;
  return async (_request, response) => {
    text ??= await readRedoc();
    response.setHeader('cache-control', keepAnHour);
    response.type('text/javascript').send(text);
  };
};

const keepAnHour = 'public, max-age=3600';

/** A file of an installed package. Its text changes with the package only, so browsers may keep it for an hour. */
const answerFile = (file: string): RequestHandler => {
  const options = {
    root: dirname(file),
    acceptRanges: false,
    headers: { 'cache-control': keepAnHour },
  };
  return (_request, response, next) => {
    response.sendFile(basename(file), options, (error?: Error) => {
      if (error) next(error);
    });
  };
};

/** The text is made when it is first asked for. */
const answerDescription = (describe: () => unknown): RequestHandler => {
  let text: string | undefined;
  return (_request, response) => {
    text ??= JSON.stringify(describe());
    response.type('json').send(text);
  };
};

export function mountDocuments(router: Router): void {
  router.get('/openapi.json', answerDescription(describeHttp));
  router.get('/asyncapi.json', answerDescription(describeSockets));
  mountSwagger(router);
  mountRedoc(router);
  mountAsyncApi(router);
}

function mountSwagger(router: Router): void {
  const page = {
    title: 'Messenger API: Swagger UI',
    policy: viewerPage,
    styles: ['/docs/swagger-ui.css'],
    scripts: ['/docs/swagger-ui-bundle.js', '/docs/start.js'],
  };
  router.get('/docs', answerPage(page));
  router.get('/docs/start.js', answerScript(swaggerStart));
  router.get('/docs/swagger-ui.css', answerFile(require.resolve('swagger-ui-dist/swagger-ui.css')));
  router.get('/docs/swagger-ui-bundle.js', answerFile(require.resolve('swagger-ui-dist/swagger-ui-bundle.js')));
}

function mountRedoc(router: Router): void {
  const page = {
    title: 'Messenger API: Redoc',
    policy: redocPolicy,
    styles: [],
    scripts: ['/redoc/redoc.standalone.js', '/redoc/start.js'],
  };
  router.get('/redoc', answerPage(page));
  router.get('/redoc/start.js', answerScript(redocStart));
  router.get('/redoc/redoc.standalone.js', answerRedoc());
}

function mountAsyncApi(router: Router): void {
  const page = {
    title: 'Messenger sockets: AsyncAPI',
    policy: asyncApiPolicy,
    styles: ['/asyncapi/default.min.css'],
    scripts: ['/asyncapi/viewer.js', '/asyncapi/start.js'],
  };
  router.get('/asyncapi', answerPage(page));
  router.get('/asyncapi/start.js', answerScript(asyncApiStart));
  router.get(
    '/asyncapi/default.min.css',
    answerFile(require.resolve('@asyncapi/react-component/styles/default.min.css')),
  );
  router.get(
    '/asyncapi/viewer.js',
    answerFile(require.resolve('@asyncapi/react-component/browser/standalone/index.js')),
  );
}
