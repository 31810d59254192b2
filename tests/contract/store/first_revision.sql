-- A database as the first revision left it, with rows in every table, under the tests' key.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL,
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE audit (
	number INTEGER NOT NULL,
	at DATETIME NOT NULL,
	action TEXT NOT NULL,
	actor TEXT NOT NULL,
	subject TEXT NOT NULL,
	detail JSON NOT NULL,
	chain TEXT NOT NULL,
	CONSTRAINT pk_audit PRIMARY KEY (number)
);
INSERT INTO "audit" VALUES(1,'2026-03-04 10:11:12.345678','user.invited','operator:dn:cn=jan','uuid-1','{"uid": "U4BBGA0008"}','3a989275799a2e160667d3365f8db3bf77dc679438eb0ea02de701e1d15f6476');
INSERT INTO "audit" VALUES(2,'2026-03-04 10:12:12.345678','letter.sent','service','uuid-2','{"letter": "invitation", "outcome": "sent", "attempts": "1"}','30b0e66393e3e39161f5e7e659de57e550fd3a487171dad3d2cfe31217d5d4df');
CREATE TABLE audit_head (
	id INTEGER NOT NULL,
	number INTEGER NOT NULL,
	chain TEXT NOT NULL,
	seal TEXT NOT NULL,
	CONSTRAINT pk_audit_head PRIMARY KEY (id)
);
INSERT INTO "audit_head" VALUES(1,2,'30b0e66393e3e39161f5e7e659de57e550fd3a487171dad3d2cfe31217d5d4df','70df84f80a8b7c13ce2034b5702c71fb19d4dc39c6c599f6cd1c1935806a4d64');
CREATE TABLE capabilities (
	purpose TEXT NOT NULL,
	digest TEXT NOT NULL,
	facts JSON NOT NULL,
	created_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	used_at DATETIME,
	CONSTRAINT pk_capabilities PRIMARY KEY (purpose, digest)
);
INSERT INTO "capabilities" VALUES('portal-session','digest','{"owner": "uuid-2", "naam": "\u00e9\u2028\u0000"}','2026-03-04 10:11:12.345678','2026-03-04 10:21:12.345678',NULL);
INSERT INTO "capabilities" VALUES('portal-password','spent','{"owner": "uuid-2", "changed": "", "mail": "jan@example.nl"}','2026-03-04 10:11:12.345678','2026-03-04 10:21:12.345678','2026-03-04 10:12:12.345678');
CREATE TABLE client_secrets (
	client_id TEXT NOT NULL,
	position INTEGER NOT NULL,
	digest TEXT NOT NULL,
	expires_at DATETIME,
	CONSTRAINT pk_client_secrets PRIMARY KEY (client_id, position),
	CONSTRAINT fk_client_secrets_client_id FOREIGN KEY(client_id) REFERENCES clients (client_id)
);
INSERT INTO "client_secrets" VALUES('ing-1',0,'first','2026-03-04 10:12:12.345678');
INSERT INTO "client_secrets" VALUES('ing-1',1,'second',NULL);
CREATE TABLE clients (
	client_id TEXT NOT NULL,
	connector TEXT NOT NULL,
	name TEXT NOT NULL,
	enabled BOOLEAN NOT NULL,
	created_at DATETIME NOT NULL,
	CONSTRAINT pk_clients PRIMARY KEY (client_id)
);
INSERT INTO "clients" VALUES('ing-1','ing','ING',1,'2026-03-04 10:11:12.345678');
CREATE TABLE grants (
	id TEXT NOT NULL,
	client_id TEXT NOT NULL,
	uid TEXT NOT NULL,
	entry_uuid TEXT NOT NULL,
	password_changed TEXT,
	created_at DATETIME NOT NULL,
	last_used_at DATETIME NOT NULL,
	network TEXT NOT NULL,
	revoked_at DATETIME,
	CONSTRAINT pk_grants PRIMARY KEY (id)
);
INSERT INTO "grants" VALUES('grant-live','ing-1','U4BBGA0008','uuid-1','20260101000000Z','2026-03-04 10:11:12.345678','2026-03-04 10:11:12.345678','192.0.2.7',NULL);
INSERT INTO "grants" VALUES('grant-ended','ing-1','U4BBGA0008','uuid-1','20260101000000Z','2026-03-04 10:11:12.345678','2026-03-04 10:11:12.345678','192.0.2.7','2026-03-04 10:12:12.345678');
CREATE TABLE outbox (
	id TEXT NOT NULL,
	letter TEXT NOT NULL,
	facts JSON NOT NULL,
	created_at DATETIME NOT NULL,
	next_attempt_at DATETIME NOT NULL,
	attempts INTEGER NOT NULL,
	state TEXT NOT NULL,
	outcome TEXT NOT NULL,
	mailbox TEXT NOT NULL,
	with_ticket BOOLEAN NOT NULL,
	finished_at DATETIME,
	CONSTRAINT pk_outbox PRIMARY KEY (id)
);
INSERT INTO "outbox" VALUES('waiting','invitation','{"owner": "uuid-2"}','2026-03-04 10:11:12.345678','2026-03-04 10:12:12.345678',0,'waiting','','',0,NULL);
INSERT INTO "outbox" VALUES('sent','reset','{"request": "id-live"}','2026-03-04 10:11:12.345678','2026-03-04 10:11:12.345678',0,'sent','sent','m',1,'2026-03-04 10:11:12.345678');
CREATE TABLE pulse (
	id INTEGER NOT NULL,
	beats INTEGER NOT NULL,
	CONSTRAINT pk_pulse PRIMARY KEY (id)
);
INSERT INTO "pulse" VALUES(1,1);
CREATE TABLE resets (
	id TEXT NOT NULL,
	digest TEXT NOT NULL,
	bare TEXT,
	with_ticket BOOLEAN NOT NULL,
	created_at DATETIME NOT NULL,
	state TEXT NOT NULL,
	version INTEGER NOT NULL,
	entry_uuid TEXT,
	password_changed TEXT,
	uid TEXT,
	owner_dn TEXT,
	mail TEXT,
	expires_at DATETIME,
	claimed_at DATETIME,
	CONSTRAINT pk_resets PRIMARY KEY (id),
	CONSTRAINT uq_resets_digest UNIQUE (digest)
);
INSERT INTO "resets" VALUES('id-queued','digest-queued',NULL,0,'2026-03-04 10:11:12.345678','queued',0,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "resets" VALUES('id-live','digest-live','U4BBGA0008',1,'2026-03-04 10:11:12.345678','live',1,'uuid-1','20260101000000Z','U4BBGA0008','uid=jan,ou=people','jan@example.nl','2026-03-04 11:11:12.345678',NULL);
INSERT INTO "resets" VALUES('id-claimed','digest-claimed','U4BBGA0008',1,'2026-03-04 10:11:12.345678','claimed',2,'uuid-1','20260101000000Z','U4BBGA0008','uid=jan,ou=people','jan@example.nl','2026-03-04 11:11:12.345678','2026-03-04 10:12:12.345678');
CREATE TABLE tokens (
	kind TEXT NOT NULL,
	digest TEXT NOT NULL,
	grant_id TEXT NOT NULL,
	client_id TEXT NOT NULL,
	scope TEXT NOT NULL,
	audience TEXT NOT NULL,
	issued_at DATETIME NOT NULL,
	expires_at DATETIME NOT NULL,
	revoked_at DATETIME,
	CONSTRAINT pk_tokens PRIMARY KEY (kind, digest),
	CONSTRAINT fk_tokens_grant_id FOREIGN KEY(grant_id) REFERENCES grants (id)
);
INSERT INTO "tokens" VALUES('refresh','token-live','grant-live','ing-1','administratie:read','https://api.example/','2026-03-04 10:11:12.345678','2026-03-04 10:21:12.345678',NULL);
INSERT INTO "tokens" VALUES('refresh','token-ended','grant-ended','ing-1','administratie:read','https://api.example/','2026-03-04 10:11:12.345678','2026-03-04 10:21:12.345678',NULL);
CREATE INDEX ix_resets_created_at ON resets (created_at);
CREATE INDEX ix_resets_state_claimed_at ON resets (state, claimed_at);
CREATE INDEX ix_outbox_finished_at ON outbox (finished_at);
CREATE INDEX ix_outbox_state_next_attempt_at ON outbox (state, next_attempt_at);
CREATE INDEX ix_outbox_mailbox_finished_at ON outbox (mailbox, finished_at);
CREATE INDEX ix_capabilities_expires_at ON capabilities (expires_at);
CREATE INDEX ix_grants_last_used_at ON grants (last_used_at);
CREATE INDEX ix_grants_entry_uuid_revoked_at ON grants (entry_uuid, revoked_at);
CREATE INDEX ix_tokens_grant_id ON tokens (grant_id);
CREATE INDEX ix_tokens_expires_at ON tokens (expires_at);
CREATE INDEX ix_audit_subject_number ON audit (subject, number);
COMMIT;
