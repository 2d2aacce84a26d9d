import { pagePaths } from '../../../src/protocol/pages.ts';

/** The routes that are no endpoints of the contract: the contract itself, and pages for people. */
export const pages: readonly string[] = [
  'get /openapi.json',
  'get /asyncapi.json',
  'get /docs',
  'get /docs/start.js',
  'get /docs/swagger-ui.css',
  'get /docs/swagger-ui-bundle.js',
  'get /redoc',
  'get /redoc/start.js',
  'get /redoc/redoc.standalone.js',
  'get /asyncapi',
  'get /asyncapi/start.js',
  'get /asyncapi/default.min.css',
  'get /asyncapi/viewer.js',
  ...pagePaths.map((path) => `get ${path}`),
  'get /assets/:file',
  'get /sw.js',
  'get /manifest.webmanifest',
  'get /favicon.svg',
  'get /icons/:file',
];
