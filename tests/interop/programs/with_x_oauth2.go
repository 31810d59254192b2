// golang.org/x/oauth2, which most programs in Go use; it knows neither discovery nor introspection, and leaves state to the developer.
package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"time"

	"golang.org/x/oauth2"
)

type task struct {
	Issuer       string
	ClientID     string `json:"client_id"`
	ClientSecret string `json:"client_secret"`
	Auth         string
	RedirectURI  string `json:"redirect_uri"`
	Scope        string
	Username     string
	Password     string
	Twice        bool
}

type metadata struct {
	Authorization string `json:"authorization_endpoint"`
	Token         string `json:"token_endpoint"`
	Userinfo      string `json:"userinfo_endpoint"`
	Revocation    string `json:"revocation_endpoint"`
}

type facts map[string]any

var lines = bufio.NewReader(os.Stdin)

func main() {
	var wanted task
	hear(&wanted)
	told, err := carryOut(wanted)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		told = facts{"refused": facts{"error": codeOf(err), "message": err.Error()}}
	}
	say(facts{"told": told})
}

func carryOut(wanted task) (facts, error) {
	var known metadata
	if err := readJSON(http.DefaultClient, wanted.Issuer+"/.well-known/oauth-authorization-server", &known); err != nil {
		return nil, err
	}
	style := oauth2.AuthStyleAutoDetect
	if wanted.Auth != "client_secret_basic" {
		style = oauth2.AuthStyleInParams
	}
	config := &oauth2.Config{
		ClientID:     wanted.ClientID,
		ClientSecret: wanted.ClientSecret,
		Endpoint:     oauth2.Endpoint{AuthURL: known.Authorization, TokenURL: known.Token, AuthStyle: style},
		RedirectURL:  wanted.RedirectURI,
		Scopes:       []string{wanted.Scope},
	}
	if wanted.Password != "" {
		tokens, err := config.PasswordCredentialsToken(context.Background(), wanted.Username, wanted.Password)
		if err != nil {
			return nil, err
		}
		user, err := userOf(config, tokens, known)
		return facts{"tokens": asFacts(tokens), "user": user}, err
	}
	return withCode(config, known, wanted)
}

func withCode(config *oauth2.Config, known metadata, wanted task) (facts, error) {
	verifier, state := random(), random()
	challenge := sha256.Sum256([]byte(verifier))
	arrived := visit(config.AuthCodeURL(state,
		oauth2.SetAuthURLParam("code_challenge", base64.RawURLEncoding.EncodeToString(challenge[:])),
		oauth2.SetAuthURLParam("code_challenge_method", "S256")))
	if arrived.Get("state") != state {
		return nil, errors.New("state is another one")
	}
	if arrived.Has("error") {
		return nil, refusal{arrived.Get("error")}
	}
	redeem := func() (*oauth2.Token, error) {
		return config.Exchange(context.Background(), arrived.Get("code"), oauth2.SetAuthURLParam("code_verifier", verifier))
	}
	tokens, err := redeem()
	if err != nil {
		return nil, err
	}
	if wanted.Twice {
		_, err := redeem()
		return facts{"again": codeOf(err)}, nil
	}
	user, err := userOf(config, tokens, known)
	if err != nil {
		return nil, err
	}
	refresh := func() (*oauth2.Token, error) {
		expired := &oauth2.Token{RefreshToken: tokens.RefreshToken, Expiry: time.Now().Add(-time.Hour)}
		return config.TokenSource(context.Background(), expired).Token()
	}
	refreshed, err := refresh()
	if err != nil {
		return nil, err
	}
	if err := revoke(config, known, refreshed); err != nil {
		return nil, err
	}
	_, err = refresh()
	return facts{"tokens": asFacts(tokens), "user": user, "refreshed": asFacts(refreshed), "afterwards": codeOf(err)}, nil
}

func asFacts(tokens *oauth2.Token) facts {
	return facts{"access_token": tokens.AccessToken, "refresh_token": tokens.RefreshToken, "scope": tokens.Extra("scope")}
}

func userOf(config *oauth2.Config, tokens *oauth2.Token, known metadata) (facts, error) {
	var user facts
	return user, readJSON(config.Client(context.Background(), tokens), known.Userinfo, &user)
}

func revoke(config *oauth2.Config, known metadata, tokens *oauth2.Token) error {
	form := url.Values{"token": {tokens.RefreshToken}, "client_id": {config.ClientID}, "client_secret": {config.ClientSecret}}
	answer, err := http.PostForm(known.Revocation, form)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return nil
}

// refusal is what an owner's no looks like; the library leaves the way back to the developer.
type refusal struct{ code string }

func (r refusal) Error() string { return r.code }

// codeOf gives the protocol's word for what went wrong.
func codeOf(err error) string {
	var fromOwner refusal
	if errors.As(err, &fromOwner) {
		return fromOwner.code
	}
	var fromServer *oauth2.RetrieveError
	if !errors.As(err, &fromServer) {
		return ""
	}
	var body struct{ Error string }
	if json.Unmarshal(fromServer.Body, &body) != nil {
		return ""
	}
	return body.Error
}

func readJSON(client *http.Client, address string, into any) error {
	answer, err := client.Get(address)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return errors.New(answer.Status)
	}
	return json.NewDecoder(answer.Body).Decode(into)
}

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}

// What the program and its test say to each other: lines of JSON (tests/interop/program.py).

func visit(address string) url.Values {
	say(facts{"visit": address})
	var arrived string
	hear(&arrived)
	parsed, err := url.Parse(arrived)
	if err != nil {
		panic(err)
	}
	return parsed.Query()
}

func hear(into any) {
	line, err := lines.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, into)
	}
	if err != nil {
		panic(err)
	}
}

func say(what facts) {
	if err := json.NewEncoder(os.Stdout).Encode(what); err != nil {
		panic(err)
	}
}
