BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v0001');
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE conflicts (
	id INTEGER NOT NULL, 
	user_id BIGINT NOT NULL, 
	party_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "conflicts" VALUES(1,2,'INST9','relative','2026-01-05T08:00:00.000000+00:00');
CREATE TABLE decisions (
	id INTEGER NOT NULL, 
	claim_id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	verdict TEXT, 
	typology TEXT, 
	disallowed_fen BIGINT, 
	reason TEXT NOT NULL, 
	note TEXT, 
	"by" BIGINT, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	refers_to BIGINT, 
	batch TEXT, 
	ring_id TEXT, 
	selected_by TEXT, 
	inclusion_prob FLOAT, 
	needs_second BIGINT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "decisions" VALUES(1,'C0000001','20170630-0123456789abcdef','verdict','clean',NULL,NULL,'documents_fit',NULL,2,'qian','2026-01-05T08:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,0,10);
INSERT INTO "decisions" VALUES(2,'C0000002','20170630-0123456789abcdef','verdict','fraud','T14',12345600,'money_returned',NULL,2,'qian','2026-01-05T08:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,1,11);
INSERT INTO "decisions" VALUES(3,'C0000002','20170630-0123456789abcdef','second',NULL,NULL,NULL,'agree',NULL,3,'sun','2026-01-05T08:00:00.000000+00:00',2,NULL,NULL,NULL,NULL,0,12);
CREATE TABLE filters (
	id INTEGER NOT NULL, 
	user_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "filters" VALUES(1,2,'rings','ring=any','2026-01-05T08:00:00.000000+00:00');
CREATE TABLE invitations (
	token_hash TEXT NOT NULL, 
	user_id BIGINT NOT NULL, 
	expires_at TEXT NOT NULL, 
	used_at TEXT, 
	PRIMARY KEY (token_hash)
);
CREATE TABLE log (
	seq BIGINT NOT NULL, 
	at TEXT NOT NULL, 
	user_id BIGINT, 
	who TEXT NOT NULL, 
	action TEXT NOT NULL, 
	subject TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	previous TEXT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (seq)
);
INSERT INTO "log" VALUES(1,'2026-01-05T08:00:00.000000+00:00',NULL,'system','invite','user zhao','{"regions": [], "role": "administrator"}','','0a9c8d6f57f19762058be94643488fa141134c7c513bd66a645e8563ee68b417');
INSERT INTO "log" VALUES(2,'2026-01-05T08:00:00.000000+00:00',1,'zhao','password','user zhao','{}','0a9c8d6f57f19762058be94643488fa141134c7c513bd66a645e8563ee68b417','6794308544f747da832172449240ce4a953be42887b6f0a629ee8867259f237e');
INSERT INTO "log" VALUES(3,'2026-01-05T08:00:00.000000+00:00',NULL,'system','invite','user qian','{"regions": [], "role": "lead"}','6794308544f747da832172449240ce4a953be42887b6f0a629ee8867259f237e','a507fdbacb4650b2fbbcfcaa0eaa3faa4b1518bb1b9f6e4785f59e3f6826f2db');
INSERT INTO "log" VALUES(4,'2026-01-05T08:00:00.000000+00:00',2,'qian','password','user qian','{}','a507fdbacb4650b2fbbcfcaa0eaa3faa4b1518bb1b9f6e4785f59e3f6826f2db','9cbb22eab9ebeaa42456a3d54433b0bf5c40fe3510d3988036ffc3c7dcf14467');
INSERT INTO "log" VALUES(5,'2026-01-05T08:00:00.000000+00:00',NULL,'system','invite','user sun','{"regions": [], "role": "lead"}','9cbb22eab9ebeaa42456a3d54433b0bf5c40fe3510d3988036ffc3c7dcf14467','ec43af3e2753f84e2f0f9b3700f47d1be41e0107dcce610d97343cb7def4bd66');
INSERT INTO "log" VALUES(6,'2026-01-05T08:00:00.000000+00:00',3,'sun','password','user sun','{}','ec43af3e2753f84e2f0f9b3700f47d1be41e0107dcce610d97343cb7def4bd66','b8d765a6e2e37c48dffdb51f804a49c97b8231657b64921c86b95876842a09ff');
INSERT INTO "log" VALUES(7,'2026-01-05T08:00:00.000000+00:00',1,'zhao','setting','undo_minutes','{"after": 45, "before": 30}','b8d765a6e2e37c48dffdb51f804a49c97b8231657b64921c86b95876842a09ff','a3d3195af573458e3ed542c2b5fa75e80f7133fd6ba9fdbfada5cab4e9264bf1');
INSERT INTO "log" VALUES(8,'2026-01-05T08:00:00.000000+00:00',1,'zhao','token','token bureau','{"scopes": ["claims:read"]}','a3d3195af573458e3ed542c2b5fa75e80f7133fd6ba9fdbfada5cab4e9264bf1','2be6f23954ebea03173076761c254e945d48a84635eb464a341b56b651fd45e9');
INSERT INTO "log" VALUES(9,'2026-01-05T08:00:00.000000+00:00',2,'qian','conflict','party INST9','{"reason": "relative"}','2be6f23954ebea03173076761c254e945d48a84635eb464a341b56b651fd45e9','62469210cb7d6d5a39beb51c88f3f9960985a4ef4b10268395a27c8f60a25215');
INSERT INTO "log" VALUES(10,'2026-01-05T08:00:00.000000+00:00',2,'qian','decide','claim C0000001','{"batch": null, "disallowed_fen": null, "needs_second": false, "note": null, "reason": "documents_fit", "ring": null, "run": "20170630-0123456789abcdef", "typology": null, "verdict": "clean"}','62469210cb7d6d5a39beb51c88f3f9960985a4ef4b10268395a27c8f60a25215','b993adb53372ff77af481d3855a08d315475d60a1b967b419686063dde638449');
INSERT INTO "log" VALUES(11,'2026-01-05T08:00:00.000000+00:00',2,'qian','decide','claim C0000002','{"batch": null, "disallowed_fen": 12345600, "needs_second": true, "note": null, "reason": "money_returned", "ring": null, "run": "20170630-0123456789abcdef", "typology": "T14", "verdict": "fraud"}','b993adb53372ff77af481d3855a08d315475d60a1b967b419686063dde638449','8edc139b968032f57d09ff78b09904a838221e2af5bbd5c2c082413b57fb5d99');
INSERT INTO "log" VALUES(12,'2026-01-05T08:00:00.000000+00:00',3,'sun','second','claim C0000002','{"answer": "agree", "decision": 2, "note": ""}','8edc139b968032f57d09ff78b09904a838221e2af5bbd5c2c082413b57fb5d99','4bbae89d2458dc5a5e72261a0ce066d38cc7c411f3ecf68eb0277116947ed879');
INSERT INTO "log" VALUES(13,'2026-01-05T08:00:00.000000+00:00',2,'qian','judge','ring R-1','{"judgement": "add", "member": "INST1", "reason": "same owner"}','4bbae89d2458dc5a5e72261a0ce066d38cc7c411f3ecf68eb0277116947ed879','eaad91b2d30d5ea7f9bd0647d4131bd48306752b7c47d93249727d25a557c913');
INSERT INTO "log" VALUES(14,'2026-01-05T08:00:00.000000+00:00',1,'zhao','sign-off','plan 20170630-0123456789abcdef','{"frame": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "note": "agreed"}','eaad91b2d30d5ea7f9bd0647d4131bd48306752b7c47d93249727d25a557c913','19c0bd4c6def6d3f564ea51d06b5e5741217de7fe0d17e0f437aaf7182f7f048');
CREATE TABLE log_head (
	id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "log_head" VALUES(1,14,'19c0bd4c6def6d3f564ea51d06b5e5741217de7fe0d17e0f437aaf7182f7f048');
CREATE TABLE ring_judgements (
	id INTEGER NOT NULL, 
	ring_id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	action TEXT NOT NULL, 
	party_id TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	"by" BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "ring_judgements" VALUES(1,'R-1','20170630-0123456789abcdef','add','INST1','same owner',2,'qian','2026-01-05T08:00:00.000000+00:00',13);
CREATE TABLE sessions (
	token_hash TEXT NOT NULL, 
	user_id BIGINT NOT NULL, 
	created_at TEXT NOT NULL, 
	seen_at TEXT NOT NULL, 
	csrf TEXT NOT NULL, 
	PRIMARY KEY (token_hash)
);
CREATE TABLE settings (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	value TEXT NOT NULL, 
	"by" BIGINT, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "settings" VALUES(1,'undo_minutes','45',1,'2026-01-05T08:00:00.000000+00:00');
CREATE TABLE sign_offs (
	id INTEGER NOT NULL, 
	run_id TEXT NOT NULL, 
	frame_sha256 TEXT NOT NULL, 
	note TEXT NOT NULL, 
	"by" BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "sign_offs" VALUES(1,'20170630-0123456789abcdef','cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd','agreed',1,'zhao','2026-01-05T08:00:00.000000+00:00',14);
CREATE TABLE states (
	claim_id TEXT NOT NULL, 
	status TEXT NOT NULL, 
	holder BIGINT, 
	held_until TEXT, 
	assigned_to BIGINT, 
	snoozed_until TEXT, 
	decision_id BIGINT, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (claim_id)
);
INSERT INTO "states" VALUES('C0000001','decided',NULL,NULL,NULL,NULL,1,10);
INSERT INTO "states" VALUES('C0000002','decided',NULL,NULL,NULL,NULL,2,12);
CREATE TABLE tokens (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	token_hash TEXT NOT NULL, 
	scopes TEXT NOT NULL, 
	created_by BIGINT NOT NULL, 
	created_at TEXT NOT NULL, 
	revoked_at TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (token_hash)
);
INSERT INTO "tokens" VALUES(1,'bureau','abababababababababababababababababababababababababababababababab','claims:read',1,'2026-01-05T08:00:00.000000+00:00',NULL);
CREATE TABLE users (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	regions TEXT NOT NULL, 
	password_hash TEXT, 
	created_at TEXT NOT NULL, 
	disabled_at TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "users" VALUES(1,'zhao','administrator','','hash-1','2026-01-05T08:00:00.000000+00:00',NULL);
INSERT INTO "users" VALUES(2,'qian','lead','','hash-2','2026-01-05T08:00:00.000000+00:00',NULL);
INSERT INTO "users" VALUES(3,'sun','lead','','hash-3','2026-01-05T08:00:00.000000+00:00',NULL);
CREATE INDEX ix_attempts_key ON attempts ("key");
CREATE INDEX ix_decisions_claim_id ON decisions (claim_id);
CREATE INDEX ix_states_log_seq ON states (log_seq);
CREATE INDEX ix_ring_judgements_ring_id ON ring_judgements (ring_id);
CREATE TRIGGER log_no_update BEFORE UPDATE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
CREATE TRIGGER log_no_delete BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'log is append-only'); END;
CREATE TRIGGER decisions_no_update BEFORE UPDATE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER decisions_no_delete BEFORE DELETE ON decisions BEGIN SELECT RAISE(ABORT, 'decisions is append-only'); END;
CREATE TRIGGER ring_judgements_no_update BEFORE UPDATE ON ring_judgements BEGIN SELECT RAISE(ABORT, 'ring_judgements is append-only'); END;
CREATE TRIGGER ring_judgements_no_delete BEFORE DELETE ON ring_judgements BEGIN SELECT RAISE(ABORT, 'ring_judgements is append-only'); END;
CREATE TRIGGER settings_no_update BEFORE UPDATE ON settings BEGIN SELECT RAISE(ABORT, 'settings is append-only'); END;
CREATE TRIGGER settings_no_delete BEFORE DELETE ON settings BEGIN SELECT RAISE(ABORT, 'settings is append-only'); END;
CREATE TRIGGER sign_offs_no_update BEFORE UPDATE ON sign_offs BEGIN SELECT RAISE(ABORT, 'sign_offs is append-only'); END;
CREATE TRIGGER sign_offs_no_delete BEFORE DELETE ON sign_offs BEGIN SELECT RAISE(ABORT, 'sign_offs is append-only'); END;
COMMIT;
