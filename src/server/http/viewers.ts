/** What starts the viewers of the contract on their pages: plain scripts of the browser. */

export const swaggerStart = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#page', deepLinking: true, tryItOutEnabled: true });\n`;

export const redocStart = `Redoc.init('/openapi.json', { hideHostname: true, disableSearch: true }, document.getElementById('page'));\n`;

export const asyncApiStart = `AsyncApiStandalone.render(
  {
    schema: { url: '/asyncapi.json' },
    config: { show: { sidebar: true, schemas: false }, expand: { messageExamples: true } },
  },
  document.getElementById('page'),
);
`;
