"""Words without tone marks for the passwords of demo accounts: easily typed on any keyboard."""

_LIST = """
an bac bach bang bao ben bien binh bong buom cam canh cau cay chanh chi chim chuong co con
cuc cung dao dat dau dep diem doi dong dua duong gach gao gia gio giay hai hanh hat hoa hoi
hong hue huong kem khe khoai kim lam lan lang lanh lap leo lien linh long lua luc mai man
mang mat may men mia minh mo moi mua muoi nam nang nem nga ngan nghe ngo ngoc nguon nha nho
nhan nhiet non nong nui nuoc ong phan pho phong phuong que quynh rang rau roi rong ruong sach
sam san sang sao sau sen song suoi tam tan tay te tham than thanh thao thong thu thuyen tien
tim tinh to tra trai trang tre troi trong truc tung tuoi tuyet van vang vo voi vui vuon xa
xanh xoai xoi xuan yen
"""
WORDS = tuple(_LIST.split())
