// Better Auth with its SCIM plug-in on PostgreSQL: one database schema and one instance for each tenant,
// http://127.0.0.1:PORT/TENANT/scim/v2. What a tenant holds is read from PostgreSQL at /TENANT/dump, which is no part of SCIM.
// The token and the database are taken from the environment; the port is told on standard output.
import { createServer } from "node:http";
import { scim } from "@better-auth/scim";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { toNodeHandler } from "better-auth/node";
import pg from "pg";

const token = process.env.TESTENV_TOKEN;
const database = { connectionString: process.env.TESTENV_DATABASE };
const tenants = new Map();
let port = 0;

// open makes a tenant: a schema with the tables of Better Auth.
async function open(name) {
    const admin = new pg.Client(database);
    await admin.connect();
    await admin.query(`CREATE SCHEMA "${name}"`);
    await admin.end();
    const pool = new pg.Pool({ ...database, max: 2, idleTimeoutMillis: 1000, options: `-c search_path=${name}` });
    const options = {
        baseURL: `http://127.0.0.1:${port}`,
        basePath: `/${name}`,
        secret: "a secret of a test, and long enough",
        database: pool,
        rateLimit: { enabled: false },
        telemetry: { enabled: false },
        logger: { level: "error" },
        plugins: [scim({
            connections: [{ id: "test", credentials: [{ type: "bearer", id: "one", token }] }],
            identity: { resolveUser },
        })],
    };
    await (await getMigrations(options)).runMigrations();
    return { pool, handler: toNodeHandler(betterAuth(options)) };
}

// resolveUser links to the user whom an earlier account left behind: deleting an account deletes no user.
async function resolveUser({ resource }, { database }) {
    const where = [{ field: "email", value: resource.primaryEmail.toLowerCase() }];
    const user = await database.findOne({ model: "user", where });
    return user ? { action: "link", userId: user.id, profile: "manage" } : { action: "create" };
}

function tenant(name) {
    if (!tenants.has(name)) tenants.set(name, open(name));
    return tenants.get(name);
}

// dump reads the tables of the plug-in and puts together what belongs together.
async function dump(pool) {
    const users = (await pool.query('SELECT * FROM "scimUser" ORDER BY "orderKey"')).rows;
    const groups = (await pool.query('SELECT * FROM "scimGroup" ORDER BY "orderKey"')).rows;
    const members = (await pool.query('SELECT * FROM "scimGroupMember"')).rows;
    return {
        users: users.map(({ id, userName, externalId, active, serializedAttributes }) => {
            const { enterprise, ...attributes } = JSON.parse(serializedAttributes);
            return { ...attributes, "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": enterprise, id, userName, externalId, active };
        }),
        groups: groups.map(({ id, displayName }) => ({
            id, displayName, members: members.filter((m) => m.groupId === id).map((m) => ({ value: m.scimUserId })),
        })),
    };
}

const server = createServer(async (request, response) => {
    const [, name, rest] = request.url.split("/");
    try {
        if (!/^[a-z0-9_]+$/.test(name)) throw new Error("no such tenant");
        const { pool, handler } = await tenant(name);
        if (rest !== "dump") return await handler(request, response);
        response.setHeader("Content-Type", "application/json");
        response.end(JSON.stringify(await dump(pool)));
    } catch (error) {
        console.error(error);
        response.statusCode = 500;
        response.end(String(error));
    }
});
server.listen(0, "127.0.0.1", () => {
    port = server.address().port;
    console.log(`listening on ${port}`);
});
