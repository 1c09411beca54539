// A Backstage backend with catalog, auth and RBAC: configured from here, its database in memory, its entities and policies from the folder
// PEER_DATA, its orphan strategy from PEER_ORPHANS. It prints one line of JSON when it is ready, and ends with its standard input.
'use strict';

const net = require('node:net');
const path = require('node:path');

// The first line of the output is the test's; what Backstage logs there goes to the errors.
const print = process.stdout.write.bind(process.stdout);
process.stdout.write = process.stderr.write.bind(process.stderr);
process.stdin.on('end', () => process.exit(0)).resume();

const { createBackend } = require('@backstage/backend-defaults');
const { rootHttpRouterServiceFactory } = require('@backstage/backend-defaults/rootHttpRouter');
const { coreServices, createServiceFactory } = require('@backstage/backend-plugin-api');
const { ConfigReader } = require('@backstage/config');

// The plugin wants rbac-common 2; registries that have 1.18 only leave it without these two, which every condition goes through.
const common = require('@backstage-community/plugin-rbac-common');
common.isPermissionInfo ??= entry => typeof entry === 'object' && entry !== null && 'name' in entry && 'action' in entry;
common.permissionMappingAction ??= entry => (typeof entry === 'string' ? entry : entry.action);

const data = process.env.PEER_DATA;
const file = name => path.join(data, name);

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = net.createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const settings = port => ({
  app: { baseUrl: `http://127.0.0.1:${port}/app` },
  backend: {
    baseUrl: `http://127.0.0.1:${port}`,
    listen: { host: '127.0.0.1', port },
    database: { client: 'better-sqlite3', connection: ':memory:' },
    auth: {
      externalAccess: [
        { type: 'static', options: { token: process.env.PEER_TOKEN, subject: 'lanyard' } },
        {
          type: 'static',
          options: { token: process.env.PEER_CATALOG_TOKEN, subject: 'lanyard-catalog' },
          accessRestrictions: [{ plugin: 'catalog' }],
        },
      ],
    },
  },
  auth: {
    environment: 'development',
    providers: {
      oauth2Proxy: { signIn: { resolvers: [{ resolver: 'forwardedUserMatchingUserEntityName' }] } },
    },
    experimentalDynamicClientRegistration: { enabled: true },
    experimentalRefreshToken: { enabled: true },
  },
  catalog: {
    orphanStrategy: process.env.PEER_ORPHANS,
    processingInterval: { seconds: 3 },
    rules: [{ allow: ['User', 'Group', 'Component', 'API', 'System', 'Domain', 'Resource', 'Location'] }],
    locations: [{ type: 'file', target: file('catalog.yaml') }],
  },
  permission: {
    enabled: true,
    rbac: {
      admin: { users: [{ name: 'user:default/boss' }], superUsers: [{ name: 'user:default/root' }] },
      'policies-csv-file': file('policies.csv'),
      conditionalPoliciesFile: file('conditions.yaml'),
      policyFileReload: true,
      pluginsWithPermission: ['catalog', 'permission'],
    },
  },
});

// With this sign-in provider a proxy stands before the backend, signs people in, and says who they are in a header that it alone may set. Here
// /signed-in-by-proxy/NAME/… stands for it.
const proxied = /^\/signed-in-by-proxy\/([^/]+)(\/.*)$/;
const proxy = (request, _response, next) => {
  const [, name, rest] = proxied.exec(request.url) ?? [];
  if (name) {
    request.headers['x-forwarded-user'] = decodeURIComponent(name);
    request.url = rest;
  }
  next();
};

async function main() {
  const port = await freePort();
  const backend = createBackend();
  backend.add(
    createServiceFactory({
      service: coreServices.rootConfig,
      deps: {},
      factory: () => new ConfigReader(settings(port)),
    }),
  );
  backend.add(
    rootHttpRouterServiceFactory({
      configure: ({ app, applyDefaults }) => {
        app.use(proxy);
        applyDefaults();
      },
    }),
  );
  for (const plugin of [
    '@backstage/plugin-catalog-backend',
    '@backstage/plugin-auth-backend',
    '@backstage/plugin-auth-backend-module-oauth2-proxy-provider',
    '@backstage/plugin-permission-backend',
    '@backstage-community/plugin-rbac-backend',
  ]) {
    backend.add(require(plugin));
  }
  await backend.start();
  print(`${JSON.stringify({ url: `http://127.0.0.1:${port}` })}\n`);
}

main().catch(error => {
  console.error(error);
  process.exit(1);
});
