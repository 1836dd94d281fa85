BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v0005');
CREATE TABLE attempts (
	id INTEGER NOT NULL, 
	"key" TEXT NOT NULL, 
	at TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE blind_checks (
	id INTEGER NOT NULL, 
	claim_id TEXT NOT NULL, 
	run_id TEXT NOT NULL, 
	first_id BIGINT NOT NULL, 
	verdict TEXT NOT NULL, 
	typology TEXT, 
	disallowed_fen BIGINT, 
	reason TEXT NOT NULL, 
	note TEXT, 
	"by" BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "blind_checks" VALUES(1,'C0000001','20170630-0123456789abcdef',1,'clean',NULL,NULL,'documents_fit',NULL,3,'sun','2026-01-05T08:00:00.000000+00:00',17);
CREATE TABLE case_events (
	id INTEGER NOT NULL, 
	case_id BIGINT NOT NULL, 
	kind TEXT NOT NULL, 
	detail TEXT NOT NULL, 
	"by" BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "case_events" VALUES(1,1,'opened','{"title": "case one"}',2,'qian','2026-01-05T08:00:00.000000+00:00',18);
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
	log_seq BIGINT NOT NULL, blind BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "decisions" VALUES(1,'C0000001','20170630-0123456789abcdef','verdict','clean',NULL,NULL,'documents_fit',NULL,2,'qian','2026-01-05T08:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,0,10,0);
INSERT INTO "decisions" VALUES(2,'C0000002','20170630-0123456789abcdef','verdict','fraud','T14',12345600,'money_returned',NULL,2,'qian','2026-01-05T08:00:00.000000+00:00',NULL,NULL,NULL,NULL,NULL,1,11,0);
INSERT INTO "decisions" VALUES(3,'C0000002','20170630-0123456789abcdef','second',NULL,NULL,NULL,'agree',NULL,3,'sun','2026-01-05T08:00:00.000000+00:00',2,NULL,NULL,NULL,NULL,0,12,0);
CREATE TABLE evidence_files (
	id INTEGER NOT NULL, 
	claim_id TEXT NOT NULL, 
	name TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	bytes BIGINT NOT NULL, 
	sha256 TEXT NOT NULL, 
	"by" BIGINT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "evidence_files" VALUES(1,'C0000001','a.pdf','pdf',4,'efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef',2,'qian','2026-01-05T08:00:00.000000+00:00',15);
CREATE TABLE filters (
	id INTEGER NOT NULL, 
	user_id BIGINT NOT NULL, 
	name TEXT NOT NULL, 
	"query" TEXT NOT NULL, 
	at TEXT NOT NULL, shared BIGINT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "filters" VALUES(1,2,'rings','ring=any','2026-01-05T08:00:00.000000+00:00',0);
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
INSERT INTO "log" VALUES(8,'2026-01-05T08:00:00.000000+00:00',1,'zhao','token','token bureau','{"regions": [], "scopes": ["claims:read"]}','a3d3195af573458e3ed542c2b5fa75e80f7133fd6ba9fdbfada5cab4e9264bf1','44dc52082ef72c6a2aeee200408b9710adf8ca306aacc895e3ae65a017e461f0');
INSERT INTO "log" VALUES(9,'2026-01-05T08:00:00.000000+00:00',2,'qian','conflict','party INST9','{"reason": "relative"}','44dc52082ef72c6a2aeee200408b9710adf8ca306aacc895e3ae65a017e461f0','3fe47ffc81f7aa057906f00f04c9123bc1018f92f4b85de993c3dd89652188fe');
INSERT INTO "log" VALUES(10,'2026-01-05T08:00:00.000000+00:00',2,'qian','decide','claim C0000001','{"batch": null, "blind": 0, "disallowed_fen": null, "inclusion_prob": null, "needs_second": false, "note": null, "reason": "documents_fit", "ring": null, "run": "20170630-0123456789abcdef", "selected_by": null, "typology": null, "verdict": "clean"}','3fe47ffc81f7aa057906f00f04c9123bc1018f92f4b85de993c3dd89652188fe','f132ab13d2799c22cf2846e786fb70842489eb8fd7a0bd436d1097ec6a36faad');
INSERT INTO "log" VALUES(11,'2026-01-05T08:00:00.000000+00:00',2,'qian','decide','claim C0000002','{"batch": null, "blind": 0, "disallowed_fen": 12345600, "inclusion_prob": null, "needs_second": true, "note": null, "reason": "money_returned", "ring": null, "run": "20170630-0123456789abcdef", "selected_by": null, "typology": "T14", "verdict": "fraud"}','f132ab13d2799c22cf2846e786fb70842489eb8fd7a0bd436d1097ec6a36faad','45cfa55784a62cae30ba4870e1e9d7e19eb41fbc20b6ed80ca50458da8dcf01a');
INSERT INTO "log" VALUES(12,'2026-01-05T08:00:00.000000+00:00',3,'sun','second','claim C0000002','{"answer": "agree", "decision": 2, "note": ""}','45cfa55784a62cae30ba4870e1e9d7e19eb41fbc20b6ed80ca50458da8dcf01a','bbf109283eef5d5bc3572f09df06b2d48753a3645cdf019846b9c3b8b0e397de');
INSERT INTO "log" VALUES(13,'2026-01-05T08:00:00.000000+00:00',2,'qian','judge','ring R-1','{"judgement": "add", "member": "INST1", "reason": "same owner"}','bbf109283eef5d5bc3572f09df06b2d48753a3645cdf019846b9c3b8b0e397de','abe9cee89483e0a8f82d82114a41e5697c2023ca1a7f2b13cb8f16588bd35c12');
INSERT INTO "log" VALUES(14,'2026-01-05T08:00:00.000000+00:00',1,'zhao','sign-off','plan 20170630-0123456789abcdef','{"frame": "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd", "note": "agreed"}','abe9cee89483e0a8f82d82114a41e5697c2023ca1a7f2b13cb8f16588bd35c12','07cd8cd9d024b53028db7b6658d1256dd03cf4ca4838b6c1628bd7d62daae50e');
INSERT INTO "log" VALUES(15,'2026-01-05T08:00:00.000000+00:00',2,'qian','attach','claim C0000001','{"bytes": 4, "file": "a.pdf", "sha256": "efefefefefefefefefefefefefefefefefefefefefefefefefefefefefefefef"}','07cd8cd9d024b53028db7b6658d1256dd03cf4ca4838b6c1628bd7d62daae50e','9c2d677fb2b4f022e22840639c667288c1836be99e8851d8d00374983e37572f');
INSERT INTO "log" VALUES(16,'2026-01-05T08:00:00.000000+00:00',1,'zhao','webhook','webhook bureau','{"events": ["decision"], "url": "https://bureau.example/in"}','9c2d677fb2b4f022e22840639c667288c1836be99e8851d8d00374983e37572f','56e8c4fd810322df861f5b53dcb613674caba8ffe56a0325761a9da9272f42e4');
INSERT INTO "log" VALUES(17,'2026-01-05T08:00:00.000000+00:00',3,'sun','blind','claim C0000001','{"decision": 1, "disallowed_fen": null, "note": null, "reason": "documents_fit", "run": "20170630-0123456789abcdef", "typology": null, "verdict": "clean"}','56e8c4fd810322df861f5b53dcb613674caba8ffe56a0325761a9da9272f42e4','b8f3c6c9a635ad793a492efdc4d8fa78038f9eeee0ff3c2a37df7b57438223fa');
INSERT INTO "log" VALUES(18,'2026-01-05T08:00:00.000000+00:00',2,'qian','case','case 1','{"event": "opened", "values": {"title": "case one"}}','b8f3c6c9a635ad793a492efdc4d8fa78038f9eeee0ff3c2a37df7b57438223fa','753cace2fbc5aa5295aa23fc216ebc36df6539bfdbd39809db9b82e53733f663');
CREATE TABLE log_head (
	id INTEGER NOT NULL, 
	seq BIGINT NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "log_head" VALUES(1,18,'753cace2fbc5aa5295aa23fc216ebc36df6539bfdbd39809db9b82e53733f663');
CREATE TABLE outbox (
	id INTEGER NOT NULL, 
	webhook_id BIGINT NOT NULL, 
	event TEXT NOT NULL, 
	body TEXT NOT NULL, 
	created_at TEXT NOT NULL, 
	next_at TEXT, 
	attempts BIGINT NOT NULL, 
	delivered_at TEXT, 
	problem TEXT, 
	PRIMARY KEY (id)
);
CREATE TABLE received (
	id INTEGER NOT NULL, 
	table_name TEXT NOT NULL, 
	"key" TEXT NOT NULL, 
	body TEXT NOT NULL, 
	who TEXT NOT NULL, 
	at TEXT NOT NULL, 
	log_seq BIGINT NOT NULL, 
	PRIMARY KEY (id)
);
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
	revoked_at TEXT, regions TEXT DEFAULT '' NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (token_hash)
);
INSERT INTO "tokens" VALUES(1,'bureau','abababababababababababababababababababababababababababababababab','claims:read',1,'2026-01-05T08:00:00.000000+00:00',NULL,'');
CREATE TABLE users (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	role TEXT NOT NULL, 
	regions TEXT NOT NULL, 
	password_hash TEXT, 
	created_at TEXT NOT NULL, 
	disabled_at TEXT, oidc_subject TEXT, 
	PRIMARY KEY (id), 
	UNIQUE (name)
);
INSERT INTO "users" VALUES(1,'zhao','administrator','','hash-1','2026-01-05T08:00:00.000000+00:00',NULL,NULL);
INSERT INTO "users" VALUES(2,'qian','lead','','hash-2','2026-01-05T08:00:00.000000+00:00',NULL,NULL);
INSERT INTO "users" VALUES(3,'sun','lead','','hash-3','2026-01-05T08:00:00.000000+00:00',NULL,NULL);
CREATE TABLE webhooks (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	url TEXT NOT NULL, 
	events TEXT NOT NULL, 
	created_by BIGINT NOT NULL, 
	created_at TEXT NOT NULL, 
	revoked_at TEXT, 
	PRIMARY KEY (id)
);
INSERT INTO "webhooks" VALUES(1,'bureau','https://bureau.example/in','decision',1,'2026-01-05T08:00:00.000000+00:00',NULL);
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
CREATE INDEX ix_evidence_files_claim_id ON evidence_files (claim_id);
CREATE INDEX ix_outbox_next_at ON outbox (next_at);
CREATE INDEX ix_received_row ON received (table_name, "key");
CREATE TRIGGER evidence_files_no_update BEFORE UPDATE ON evidence_files BEGIN SELECT RAISE(ABORT, 'evidence_files is append-only'); END;
CREATE TRIGGER evidence_files_no_delete BEFORE DELETE ON evidence_files BEGIN SELECT RAISE(ABORT, 'evidence_files is append-only'); END;
CREATE TRIGGER received_no_update BEFORE UPDATE ON received BEGIN SELECT RAISE(ABORT, 'received is append-only'); END;
CREATE TRIGGER received_no_delete BEFORE DELETE ON received BEGIN SELECT RAISE(ABORT, 'received is append-only'); END;
CREATE INDEX ix_decisions_blind ON decisions (blind);
CREATE INDEX ix_blind_checks_claim_id ON blind_checks (claim_id);
CREATE TRIGGER blind_checks_no_update BEFORE UPDATE ON blind_checks BEGIN SELECT RAISE(ABORT, 'blind_checks is append-only'); END;
CREATE TRIGGER blind_checks_no_delete BEFORE DELETE ON blind_checks BEGIN SELECT RAISE(ABORT, 'blind_checks is append-only'); END;
CREATE INDEX ix_case_events_case_id ON case_events (case_id);
CREATE TRIGGER case_events_no_update BEFORE UPDATE ON case_events BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END;
CREATE TRIGGER case_events_no_delete BEFORE DELETE ON case_events BEGIN SELECT RAISE(ABORT, 'case_events is append-only'); END;
COMMIT;
