CREATE TYPE "public"."chat_type" AS ENUM('direct', 'group');--> statement-breakpoint
CREATE TYPE "public"."history_visibility" AS ENUM('all', 'since_joined');--> statement-breakpoint
CREATE TYPE "public"."member_role" AS ENUM('owner', 'admin', 'member');--> statement-breakpoint
CREATE TYPE "public"."one_time_purpose" AS ENUM('password_reset', 'invite');--> statement-breakpoint
CREATE TYPE "public"."session_kind" AS ENUM('device', 'socket');--> statement-breakpoint
CREATE TABLE "chats" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" "chat_type" NOT NULL,
	"direct_key" text,
	"last_seq" bigint DEFAULT 0 NOT NULL,
	"version" bigint DEFAULT 0 NOT NULL,
	"members_version" bigint DEFAULT 0 NOT NULL,
	"seen_seq" bigint DEFAULT 0 NOT NULL,
	"behind_id" uuid,
	"behind_seen_seq" bigint DEFAULT 0 NOT NULL,
	"tx" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "chats_direct_check" CHECK (("chats"."type" = 'direct') = ("chats"."direct_key" is not null)),
	CONSTRAINT "chats_counters_check" CHECK ("chats"."seen_seq" <= "chats"."last_seq" and "chats"."behind_seen_seq" <= "chats"."last_seq" and "chats"."members_version" <= "chats"."version")
);
--> statement-breakpoint
CREATE TABLE "groups" (
	"id" uuid PRIMARY KEY NOT NULL,
	"chat_id" uuid NOT NULL,
	"name" text NOT NULL,
	"creator_id" uuid,
	"history" "history_visibility" DEFAULT 'all' NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "groups_chat_key" UNIQUE("chat_id")
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"chat_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" "member_role" DEFAULT 'member' NOT NULL,
	"joined_seq" bigint DEFAULT 0 NOT NULL,
	"left_seq" bigint,
	"delivered_seq" bigint DEFAULT 0 NOT NULL,
	"read_seq" bigint DEFAULT 0 NOT NULL,
	"version" bigint NOT NULL,
	"tx" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_pkey" PRIMARY KEY("chat_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "message_reads" (
	"chat_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"read_at" timestamp(6) with time zone NOT NULL,
	CONSTRAINT "message_reads_pkey" PRIMARY KEY("chat_id","user_id","seq")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"chat_id" uuid NOT NULL,
	"seq" bigint NOT NULL,
	"id" uuid NOT NULL,
	"sender_id" uuid NOT NULL,
	"client_id" uuid NOT NULL,
	"payload_hash" bigint NOT NULL,
	"version" bigint NOT NULL,
	"changed_version" bigint,
	"sent_at" timestamp(6) with time zone NOT NULL,
	"created_at" timestamp(6) with time zone NOT NULL,
	"edited_at" timestamp(6) with time zone,
	"deleted_at" timestamp(6) with time zone,
	"text" text NOT NULL,
	CONSTRAINT "messages_pkey" PRIMARY KEY("chat_id","seq")
);
--> statement-breakpoint
CREATE TABLE "one_time_tokens" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"purpose" "one_time_purpose" NOT NULL,
	"user_id" uuid,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(6) with time zone NOT NULL,
	"used_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"kind" "session_kind" NOT NULL,
	"refresh_hash" "bytea",
	"previous_refresh_hash" "bytea",
	"refresh_generation" integer DEFAULT 0 NOT NULL,
	"rotated_at" timestamp(6) with time zone,
	"user_agent" text,
	"ip" text,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp(6) with time zone NOT NULL,
	"revoked_at" timestamp(6) with time zone
);
--> statement-breakpoint
CREATE TABLE "settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"phone" text,
	"username" text,
	"first_name" text,
	"last_name" text,
	"about" text,
	"avatar" text,
	"password_hash" text,
	"last_seen_at" timestamp(6) with time zone,
	"deactivated_at" timestamp(6) with time zone,
	"created_at" timestamp(6) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_identifier_check" CHECK (num_nonnulls("users"."email", "users"."phone", "users"."username") > 0 or "users"."deactivated_at" is not null)
);
--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "groups" ADD CONSTRAINT "groups_creator_id_users_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_chat_id_chats_id_fk" FOREIGN KEY ("chat_id") REFERENCES "public"."chats"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE restrict ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "one_time_tokens" ADD CONSTRAINT "one_time_tokens_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sessions" ADD CONSTRAINT "sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "chats_direct_key" ON "chats" USING btree ("direct_key");--> statement-breakpoint
CREATE INDEX "memberships_user_id_index" ON "memberships" USING btree ("user_id","chat_id");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_id_key" ON "messages" USING btree ("id");--> statement-breakpoint
CREATE UNIQUE INDEX "messages_client_id_key" ON "messages" USING btree ("sender_id","client_id","chat_id");--> statement-breakpoint
CREATE INDEX "messages_sender_index" ON "messages" USING btree ("chat_id","sender_id","seq") WHERE "messages"."seq" > 0;--> statement-breakpoint
CREATE INDEX "messages_changed_index" ON "messages" USING btree ("chat_id","changed_version") WHERE "messages"."changed_version" is not null;--> statement-breakpoint
CREATE INDEX "messages_deleted_index" ON "messages" USING btree ("chat_id","seq","sender_id") WHERE "messages"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX "sessions_user_id_index" ON "sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "sessions_revoked_at_index" ON "sessions" USING btree ("revoked_at") WHERE "sessions"."revoked_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE UNIQUE INDEX "users_phone_key" ON "users" USING btree ("phone");--> statement-breakpoint
CREATE UNIQUE INDEX "users_username_key" ON "users" USING btree (lower("username"));