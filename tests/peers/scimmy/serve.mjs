// Serves scimmy's routers on a free port of the loopback address until standard input closes.
//
// scimmy leaves storage to whoever uses it: here it is two maps in memory. The token comes from the environment
// (PEER_TOKEN), so that it stands in no process list. The first line on standard output is {"url": …}.

import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.env.PEER_TOKEN;
const users = new Map();
const groups = new Map();
let clock = 0;

// The time of the n-th write: each later than the one before, so that no two changes share a moment.
function now() {
    clock = Math.max(Date.now(), clock + 1);
    return new Date(clock).toISOString();
}

function notFound(id) {
    return new SCIMMY.Types.Error(404, null, `There is no resource ${id}`);
}

function read(store) {
    return (resource) => {
        if (resource.id) {
            const found = store.get(resource.id);
            if (!found) throw notFound(resource.id);
            return found;
        }
        const all = [...store.values()];
        return resource.filter ? resource.filter.match(all) : all;
    };
}

function write(store, unique) {
    return (resource, instance) => {
        const before = resource.id ? store.get(resource.id) : undefined;
        if (resource.id && !before) throw notFound(resource.id);
        const given = JSON.parse(JSON.stringify(instance));
        const twin = [...store.values()].find(
            (other) => other.id !== resource.id && unique && other[unique]?.toLowerCase() === given[unique]?.toLowerCase(),
        );
        if (twin) throw new SCIMMY.Types.Error(409, "uniqueness", `${unique} is taken`);
        const at = now();
        const kept = {
            ...given,
            id: before?.id ?? randomUUID(),
            meta: { created: before?.meta.created ?? at, lastModified: at },
        };
        store.set(kept.id, kept);
        return kept;
    };
}

function remove(store) {
    return (resource) => {
        if (!store.delete(resource.id)) throw notFound(resource.id);
    };
}

SCIMMY.Resources.declare(SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false), {
    egress: read(users),
    ingress: write(users, "userName"),
    degress: remove(users),
});
SCIMMY.Resources.declare(SCIMMY.Resources.Group, {
    egress: read(groups),
    ingress: write(groups, "displayName"),
    degress: remove(groups),
});

const app = express();
app.use(
    "/scim/v2",
    new SCIMMYRouters({
        type: "bearer",
        handler: (request) => {
            if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("The token is not the right one");
            return "peer";
        },
    }),
);

const server = app.listen(0, "127.0.0.1", () => {
    console.log(JSON.stringify({ url: `http://127.0.0.1:${server.address().port}/scim/v2` }));
});
process.stdin.resume();
process.stdin.on("end", () => process.exit(0));
