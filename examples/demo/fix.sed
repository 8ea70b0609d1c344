# a wrong check digit, the same document twice, a document of ones
/^102;/  s|10[.]009[.]282/0001-..|10.009.282/0001-41|
/^910;/  s|10[.]082[.]901/0001-..|10.082.810/0001-98|
/^1011;/ s|11[.]111[.]111/1111-11|10.092.001/0001-67|
# days that are none, letters for zeros, a sign too many
s|31/02/2023|28/02/2023|
s|2023-13-01|13/01/2023|
s|1[.]5OO,00|1.500,00|
s|;-350,00;|;350,00;|
# a name too long, a name missing, a state that is none, neither yes nor no
s|^405;[^;]*;|405;Razao Social Curta Ltda;|
s|^506;;|506;Papelaria Estrela 506 Ltda;|
/^607;/  s|;XX;|;RJ;|
s|;talvez;|;S;|
# a semicolon in the name: the row as it came stands in the last column
s|^;;;;;;;;\(809;810;.*\);"\(809;[^;]*\); filial;\(.*\)"|\2 filial;\3;\1;|
