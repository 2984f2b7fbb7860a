// SCIMMY on Express with an in-memory store, one for each tenant: http://127.0.0.1:PORT/TENANT/scim/v2. What a tenant holds is
// read at /TENANT/dump, which is no part of SCIM. The token is taken from the environment; the port is told on standard output.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const token = process.env.TESTENV_TOKEN;
const tenants = new Map();

function tenant(name) {
    if (!tenants.has(name)) tenants.set(name, { User: new Map(), Group: new Map() });
    return tenants.get(name);
}

// plain drops what SCIMMY adds, so that the store holds what was written.
function plain(instance) {
    const copy = JSON.parse(JSON.stringify(instance));
    delete copy.meta;
    return copy;
}

function taken(store, naming, instance, id) {
    const name = String(instance[naming]).toLowerCase();
    for (const [other, held] of store) {
        if (other !== id && String(held[naming]).toLowerCase() === name) {
            throw new SCIMMY.Types.Error(409, "uniqueness", `${naming} is taken`);
        }
    }
}

function declare(type, kind, naming) {
    const resource = SCIMMY.Resources.declare(type);
    resource.ingress((r, instance, ctx) => {
        const all = tenant(ctx.tenant), store = all[kind];
        if (r.id && !store.has(r.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${r.id} not found`);
        taken(store, naming, instance, r.id);
        const id = r.id ?? randomUUID();
        const copy = { ...plain(instance), id };
        // Members are a set.
        if (copy.members) copy.members = [...new Map(copy.members.map((member) => [member.value, member])).values()];
        for (const member of copy.members ?? []) {
            if (!all.User.has(member.value)) throw new SCIMMY.Types.Error(400, "invalidValue", `there is no user ${member.value}`);
        }
        store.set(id, copy);
        return copy;
    });
    resource.egress((r, ctx) => {
        const store = tenant(ctx.tenant)[kind];
        if (r.id) {
            if (!store.has(r.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${r.id} not found`);
            return store.get(r.id);
        }
        const all = [...store.values()];
        if (!r.filter) return all;
        const [only, ...more] = r.filter, [operator, value] = only[naming] ?? [];
        // A name is looked up without regard to case; SCIMMY's own matching compares exactly.
        if (operator === "eq" && typeof value === "string" && more.length === 0 && Object.keys(only).length === 1) {
            return all.filter((held) => String(held[naming]).toLowerCase() === value.toLowerCase());
        }
        return r.filter.match(all);
    });
    resource.degress((r, ctx) => {
        const all = tenant(ctx.tenant);
        if (!all[kind].delete(r.id)) throw new SCIMMY.Types.Error(404, null, `Resource ${r.id} not found`);
        for (const group of all.Group.values()) {
            group.members = (group.members ?? []).filter((member) => member.value !== r.id);
        }
    });
}

SCIMMY.Resources.User.extend(SCIMMY.Schemas.EnterpriseUser, false);
declare(SCIMMY.Resources.User, "User", "userName");
declare(SCIMMY.Resources.Group, "Group", "displayName");

const app = express();
app.get("/:tenant/dump", (request, response) => {
    const all = tenant(request.params.tenant);
    response.json({ users: [...all.User.values()], groups: [...all.Group.values()] });
});
app.use("/:tenant/scim/v2", new SCIMMYRouters({
    type: "bearer",
    handler: (request) => {
        if (request.header("Authorization") !== `Bearer ${token}`) throw new Error("the token is wrong");
        return "test";
    },
    context: (request) => ({ tenant: request.originalUrl.split("/")[1] }),
}));

const server = app.listen(0, "127.0.0.1", () => console.log(`listening on ${server.address().port}`));
